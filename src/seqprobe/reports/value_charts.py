"""A probe's score against the probed values: over an axis, where they are numbers, else in rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seqprobe.figures.member_statistics import drawable_numbers
from seqprobe.reports.charts import Chart, Dot, DotPanel, LinePanel
from seqprobe.reports.charts.panel_rows import DOTS, MEDIANS, Labels, dot_chart, line_chart
from seqprobe.reports.probed_values import ProbedValues, is_number
from seqprobe.reports.run_tables import by_member, level_series
from seqprobe.scoring import Score

DECADES = 30.0
"""From here on, greatest through least probed value, their axis is logarithmic."""


def value_chart(
    tables: Mapping[str, pd.DataFrame],
    metric: str,
    score: Score | None,
    labels: Labels,
    values: ProbedValues,
    known_levels: Mapping[str, float],
) -> Chart:
    """A score against the probed values; columns seed, value, metric, score.

    Args:
        known_levels: of the score, for a probe with a range that has none of its own. Probes that look inside a network
            do not measure what validation does.
    """
    unit = score.unit if score is not None and score.name == metric else ""
    better = score.better if score is not None and score.name == metric else None
    name = (f"{metric} ({unit})" if unit else metric) + (f" · {better} is better" if better else "")
    measured = {model: as_text(table[table["metric"] == metric]) for model, table in tables.items()}
    names = list(dict.fromkeys(value for rows in measured.values() for value in rows["value"]))
    levels = level_series(measured.values(), "value")
    references = known_levels if values.varied and not levels else {}
    draw = over_axis if all(map(is_number, names)) and len(names) > 1 else in_rows
    return draw(measured, names, levels, references, name, labels, values)


def over_axis(
    measured: Mapping[str, pd.DataFrame],
    names: list[str],
    levels: Mapping[str, tuple[np.ndarray, np.ndarray]],
    references: Mapping[str, float],
    y_label: str,
    labels: Labels,
    values: ProbedValues,
) -> Chart:
    """Lines over the values, which are numbers."""
    panel = value_panel(measured, names, levels, references, values)
    positions = panel.positions()
    kind = "log" if positions.min() > 0 and positions.max() > DECADES * positions.min() else "linear"
    caption = f"Where a model's score falls. {MEDIANS}; shaded: training range.{labels.caption}"
    words = Labels(labels.name, labels.title, caption, values.varied or "probed value", y_label)
    return line_chart([panel], words, kind)


def value_panel(
    measured: Mapping[str, pd.DataFrame],
    names: list[str],
    levels: Mapping[str, tuple[np.ndarray, np.ndarray]],
    references: Mapping[str, float],
    values: ProbedValues,
) -> LinePanel:
    """Each model's scores over the values ``names``, which are numbers."""
    series = {
        model: by_member(rows.assign(value=rows["value"].astype(float)), "value", "score")
        for model, rows in measured.items()
    }
    at = {name: (positions.astype(float), level) for name, (positions, level) in levels.items()}
    return LinePanel("", series, references, at, trained=values.trained(names, np.array(names, float)))


def in_rows(
    measured: Mapping[str, pd.DataFrame],
    names: list[str],
    levels: Mapping[str, tuple[np.ndarray, np.ndarray]],
    references: Mapping[str, float],
    x_label: str,
    labels: Labels,
    values: ProbedValues,
) -> Chart:
    """A row for each value, which are words."""
    dots = []
    for row, name in enumerate(names):
        for model, rows in measured.items():
            seeds = drawable_numbers(rows[rows["value"] == name]["score"].to_numpy(dtype=float))
            if len(seeds):
                dots.append(
                    Dot(row, model, np.empty(0), float(np.median(seeds)), float(seeds.min()), float(seeds.max()))
                )
    by_row = {
        name: pd.Series(level, positions).reindex(names).to_numpy(dtype=float)
        for name, (positions, level) in levels.items()
    }
    panel = DotPanel("", [name.replace("_", " ") for name in names], dots, references, by_row)
    words = Labels(labels.name, labels.title, f"{DOTS}.{labels.caption}", x_label)
    return dot_chart([panel], words, [False])


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its probed values as text: a column of numbers in one table may have words in another."""
    return table.assign(value=table["value"].astype(str))
