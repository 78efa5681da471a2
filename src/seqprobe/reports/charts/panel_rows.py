"""Charts of several panels on common axes: of lines, or of rows with dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.series_styles import style_places
from seqprobe.reports.charts.chart import Chart, legend_entries, level_styles
from seqprobe.reports.charts.chart_axis import LINEAR, LOG, Axis
from seqprobe.reports.charts.dot_panel import DotPanel
from seqprobe.reports.charts.line_panel import LinePanel, have_room, position_axis
from seqprobe.scoring import Score

MEDIANS = "Line: median of the seeds; band: all finite seeds"
DOTS = "Mark: median of the seeds; bar: from the least to the greatest"


def score_axis(score: Score) -> str:
    """A score as the label of an axis, with its unit and its direction: ``rmse (y) · lower is better``."""
    name = f"{score.name} ({score.unit})" if score.unit else score.name
    return f"{name} · {score.better} is better" if score.better else name


@dataclass(frozen=True)
class Labels:
    """The words of a chart.

    Attributes:
        name: of its file.
    """

    name: str
    title: str
    caption: str
    x: str
    y: str = ""


def line_chart(
    panels: Sequence[LinePanel],
    labels: Labels,
    x_kind: str = LINEAR,
    y_kind: str = LINEAR,
    limits: tuple[float, float] | None = None,
) -> Chart:
    """Panels of lines on common axes, but for positions that only one of them has.

    Args:
        limits: of y; None: as scores have them.
    """
    names = style_places(list(dict.fromkeys(name for panel in panels for name in panel.series)))
    levels, is_named = level_styles(panels), have_room(list(names)) and all(panel.truth is None for panel in panels)
    shared = np.concatenate([panel.positions() for panel in panels])
    y = Axis(*(limits or score_limits(np.concatenate([panel.values() for panel in panels]), y_kind)), y_kind)
    y_label = labels.y + (", logarithmic" if y_kind == LOG else "")
    drawn = []
    for panel in panels:
        x = position_axis(panel.positions() if panel.x_label else shared, x_kind)
        drawn.append(panel.draw(names | levels, x, y, panel.x_label or labels.x, y_label, is_named))
    kind = "prediction" if any(panel.truth is not None for panel in panels) else ""
    legend = legend_entries({} if is_named else names, levels, kind)
    return Chart(labels.name, labels.title, labels.caption, drawn, [("truth", "truth")] * bool(kind) + legend)


def dot_chart(panels: Sequence[DotPanel], labels: Labels, log: Sequence[bool], x: Sequence[str] = ()) -> Chart:
    """Panels of rows, each on its own axis.

    Args:
        log: for each panel, whether its axis may be logarithmic.
        x: each panel's name of the axis; empty: ``labels.x``.
    """
    names = style_places(list(dict.fromkeys(dot.name for panel in panels for dot in panel.dots)))
    levels, drawn = level_styles(panels), []
    for panel, may_be_log, name in zip(panels, log, x or [labels.x] * len(panels), strict=True):
        values = panel.values()
        finite = values[np.isfinite(values)]
        kind = LOG if may_be_log and len(finite) and finite.max() > 10 * finite.min() > 0 else LINEAR
        drawn.append(panel.draw(names | levels, Axis(*score_limits(values, kind), kind), name))
    is_named = all(list(panel.rows) == [dot.name for dot in panel.dots] for panel in panels)
    legend = legend_entries({} if is_named else names, levels)
    return Chart(labels.name, labels.title, labels.caption, drawn, legend)
