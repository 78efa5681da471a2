"""A probe's score against the probed values: over an axis, where they are numbers, else in rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqprobe.figures.member_statistics import drawable_numbers
from seqprobe.reports.charts import Chart, Dot, DotPanel, LinePanel
from seqprobe.reports.charts.panel_rows import DOTS, MEDIANS, Labels, dot_chart, line_chart, score_axis
from seqprobe.reports.probed_values import ProbedValues, is_number
from seqprobe.reports.run_tables import by_member, level_series
from seqprobe.scoring import Score

DECADES = 30.0
"""From here on, greatest through least probed value, their axis is logarithmic."""


@dataclass(frozen=True)
class MeasuredValues:
    """A score of each model at the probed values.

    Attributes:
        tables: by model, with the columns seed, value (as text) and score.
        names: the values.
        levels: reference levels by label: the values at which one is known, and the level there.
        references: levels by label that do not depend on the value.
    """

    tables: Mapping[str, pd.DataFrame]
    names: list[str]
    levels: Mapping[str, tuple[np.ndarray, np.ndarray]]
    references: Mapping[str, float]


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
    name = score_axis(score if score is not None and score.name == metric else Score(metric, None))
    by_model = {model: as_text(table[table["metric"] == metric]) for model, table in tables.items()}
    names = list(dict.fromkeys(value for rows in by_model.values() for value in rows["value"]))
    levels = level_series(by_model.values(), "value")
    measured = MeasuredValues(by_model, names, levels, known_levels if values.varied and not levels else {})
    if all(map(is_number, names)) and len(names) > 1:
        return over_axis(measured, name, labels, values)
    return in_rows(measured, name, labels)


def over_axis(measured: MeasuredValues, y_label: str, labels: Labels, values: ProbedValues) -> Chart:
    """Lines over the values, which are numbers."""
    panel = value_panel(measured, values)
    positions = panel.positions()
    kind = "log" if positions.min() > 0 and positions.max() > DECADES * positions.min() else "linear"
    caption = f"Where a model's score falls. {MEDIANS}; shaded: training range.{labels.caption}"
    words = Labels(labels.name, labels.title, caption, values.varied or "probed value", y_label)
    return line_chart([panel], words, kind)


def value_panel(measured: MeasuredValues, values: ProbedValues) -> LinePanel:
    """Each model's scores over the values, which are numbers."""
    series = {
        model: by_member(rows.assign(value=rows["value"].astype(float)), "value", "score")
        for model, rows in measured.tables.items()
    }
    at = {name: (positions.astype(float), level) for name, (positions, level) in measured.levels.items()}
    trained = values.trained(measured.names, np.array(measured.names, float))
    return LinePanel("", series, measured.references, at, trained=trained)


def in_rows(measured: MeasuredValues, x_label: str, labels: Labels) -> Chart:
    """A row for each value, which are words."""
    dots = []
    for row, name in enumerate(measured.names):
        for model, rows in measured.tables.items():
            seeds = drawable_numbers(rows[rows["value"] == name]["score"].to_numpy(dtype=float))
            if len(seeds):
                dots.append(Dot.of_seeds(row, model, seeds))
    by_row = {
        name: pd.Series(level, positions).reindex(measured.names).to_numpy(dtype=float)
        for name, (positions, level) in measured.levels.items()
    }
    titles = [name.replace("_", " ") for name in measured.names]
    panel = DotPanel("", titles, dots, measured.references, by_row)
    words = Labels(labels.name, labels.title, f"{DOTS}.{labels.caption}", x_label)
    return dot_chart([panel], words, [False])


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its probed values as text: a column of numbers in one table may have words in another."""
    return table.assign(value=table["value"].astype(str))
