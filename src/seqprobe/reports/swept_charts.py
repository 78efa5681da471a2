"""Scores over a parameter: a chart with a panel for each score, and a table of the validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.series_styles import style_places
from seqprobe.reports.charts import Axis, Chart, Dot, DotPanel
from seqprobe.reports.charts.chart import legend_entries, level_styles
from seqprobe.reports.charts.chart_axis import LINEAR, LOG
from seqprobe.reports.charts.line_panel import have_room
from seqprobe.reports.charts.member_panel import MemberPanel, member_axis
from seqprobe.reports.charts.panel_rows import Labels, dot_chart, score_axis
from seqprobe.reports.number_format import interval_text
from seqprobe.reports.page import slug
from seqprobe.reports.probe_figures import spans_decades
from seqprobe.reports.swept_parameters import SweptParameter
from seqprobe.reports.wording import TERMINAL_MARKS, score_label
from seqprobe.scoring import Score, level_label

MOST_SERIES = 6
"""Models in one chart; the others are in the table alone."""
DECADE = 10.0
"""From here on, greatest through least value, the parameter's axis is logarithmic."""


@dataclass(frozen=True)
class SweptPicture:
    """What a page shows of a parameter: a chart of all scores, and a table of one of them with its title."""

    title: str
    chart: Chart
    table: pd.DataFrame
    table_title: str


def swept_picture(swept: SweptParameter) -> SweptPicture:
    """What there is to see of a parameter."""
    return SweptPicture(swept.title, swept_chart(swept), swept_table(swept), table_title(swept))


def swept_chart(swept: SweptParameter) -> Chart:
    """Every score over the parameter: numbers on an axis, other values in rows."""
    omitted = len(swept.series) - MOST_SERIES
    more = f" {omitted} more in the table." if omitted > 0 else ""
    name = f"over-{slug(swept.key)}"
    if swept.is_numeric:
        caption = f"Scores over {swept.key}, all else being equal. Points: seeds; line: their median.{more}"
        return over_axis(swept, Labels(name, swept.title, caption, swept.key))
    caption = f"Scores by {swept.key}, all else being equal. Points: seeds; mark: median; bar: its interval.{more}"
    return in_rows(swept, Labels(name, swept.title, caption, ""))


def over_axis(swept: SweptParameter, labels: Labels) -> Chart:
    """A panel of lines for each score, on its own vertical axis."""
    panels = {metric: member_panel(swept, metric, score) for metric, score in swept.scores.items()}
    panels = {metric: panel for metric, panel in panels.items() if is_line(panel)}
    names = style_places(list(dict.fromkeys(name for panel in panels.values() for name in panel.series)))
    levels, is_named = level_styles(list(panels.values())), have_room(list(names))
    positions = np.array([float(value) for value in swept.values])
    x_kind = LOG if positions.max() >= DECADE * positions.min() > 0 else LINEAR
    drawn = []
    for metric, panel in panels.items():
        score = swept.scores[metric]
        kind = LOG if score.log and spans_decades([panel]) else LINEAR
        y = Axis(*score_limits(panel.values(), kind), kind)
        x = member_axis(positions, x_kind)
        drawn.append(panel.draw(names | levels, x, y, labels.x, score_axis(score), is_named))
    legend = legend_entries({} if is_named else names, levels)
    return Chart(labels.name, labels.title, labels.caption, drawn, legend)


def is_line(panel: MemberPanel) -> bool:
    """Whether a panel shows how a score changes: whether it has several positions."""
    return any(len(positions) > 1 for positions, _ in panel.series.values())


def member_panel(swept: SweptParameter, metric: str, score: Score) -> MemberPanel:
    """The members of each model by one score."""
    series = {}
    for name in list(swept.series)[:MOST_SERIES]:
        by_seed = seeds_by_value(swept, name, metric)
        if by_seed:
            seeds = sorted({seed for values in by_seed.values() for seed in values})
            members = [[values.get(seed, np.nan) for values in by_seed.values()] for seed in seeds]
            series[name] = np.array([float(value) for value in by_seed]), np.array(members)
    levels = {
        level_label(role): (np.array([float(value) for value in by_value]), np.array(list(by_value.values())))
        for role, by_value in levels_by_value(swept, metric).items()
    }
    return MemberPanel(score_label(metric, score), series, levels=levels)


def in_rows(swept: SweptParameter, labels: Labels) -> Chart:
    """A panel for each score, with a row for each value."""
    panels, log, axes = [], [], []
    for metric, score in swept.scores.items():
        dots = []
        for row, value in enumerate(swept.values):
            for name in list(swept.series)[:MOST_SERIES]:
                point = swept.series[name].get(value)
                summary = None if point is None else point.summary(metric)
                if summary is not None and summary.interval is not None:
                    middle, low, high, _ = summary.interval
                    dots.append(Dot(row, name, np.array(list(summary.values.values())), middle, low, high))
        if dots:
            by_role = levels_by_value(swept, metric).items()
            levels = {
                level_label(role): np.array([by_value.get(value, np.nan) for value in swept.values])
                for role, by_value in by_role
            }
            panels.append(DotPanel(score_label(metric, score), list(swept.values), dots, levels=levels))
            log.append(score.log)
            axes.append(score_axis(score))
    return dot_chart(panels, labels, log, axes)


def seeds_by_value(swept: SweptParameter, name: str, metric: str) -> Mapping[str, Mapping[int, float]]:
    """A model's finite scores by seed, by the parameter's value; values without any are left out."""
    points = swept.series[name]
    summaries = {value: points[value].summary(metric) for value in swept.values if value in points}
    return {value: summary.values for value, summary in summaries.items() if summary is not None and summary.values}


def levels_by_value(swept: SweptParameter, metric: str) -> dict[str, dict[str, float]]:
    """Reference levels of a score by role and value: where models differ in theirs, the first one's."""
    levels: dict[str, dict[str, float]] = {}
    for value in swept.values:
        for points in swept.series.values():
            if value in points:
                for role, level in points[value].comparison.levels.get(metric, {}).items():
                    levels.setdefault(role, {}).setdefault(value, level)
    return levels


def swept_table(swept: SweptParameter) -> pd.DataFrame:
    """The validation's median [interval] of each model: a row for each value, whose name is the index's.

    Where a task has no validation score, it is that of the first probe.
    """
    metric = next(iter(swept.scores), "")
    columns = {name: [point_text(swept, name, value, metric) for value in swept.values] for name in swept.series}
    for role, by_value in levels_by_value(swept, metric).items():
        columns[level_label(role)] = [f"{by_value[value]:.3g}" if value in by_value else "" for value in swept.values]
    return pd.DataFrame(columns, index=pd.Index(swept.values, name=swept.key))


def point_text(swept: SweptParameter, name: str, value: str, metric: str) -> str:
    """A model's median [interval] at a value; a dash where it was not trained."""
    point = swept.series[name].get(value)
    summary = None if point is None else point.summary(metric)
    return "–" if summary is None else (interval_text(summary.interval) or "diverged") + TERMINAL_MARKS[summary.mark]


def table_title(swept: SweptParameter) -> str:
    """What `swept_table` shows."""
    shown = [score_label(metric, score) for metric, score in list(swept.scores.items())[:1]]
    return f"{swept.title}: {', '.join(shown)}, median [interval] over seeds"
