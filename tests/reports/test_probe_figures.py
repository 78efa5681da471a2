"""Scores of probes over updates and over distances: a panel for each band or probe, with the levels there."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from reports.members import population

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.probe_figures import distance_figures, generalisation_figures
from seqprobe.reports.selection import current_members

MEANS = {"probe/lag/inside/accuracy": [0.9, 0.8], "probe/lag/far/accuracy": [0.4, 0.3]}
LEVELS = {
    "reference/probe/lag/inside/accuracy/chance": [0.25] * 2,
    "reference/probe/lag/far/accuracy/chance": [0.5] * 2,
}


def compared() -> Comparison:
    (comparison,) = comparisons(current_members(population("rnn", {**MEANS, **LEVELS}, [0, 1])))
    return comparison


def lines_of(figure: Figure, label: str) -> dict[str, tuple[list[float], list[float]]]:
    """Positions and values of the line with a label, by panel."""
    return {
        axes.get_title(loc="left"): (list(line.get_xdata()), list(line.get_ydata()))
        for axes in figure.axes
        for line in axes.lines
        if line.get_label().lstrip("_") == label
    }


def test_each_band_has_a_panel_over_updates_with_its_level() -> None:
    rows = [
        (seed, update, "lag", band, "accuracy", score)
        for seed in (0, 1)
        for update in (0, 10)
        for band, score in (("inside", 0.25 + update / 20), ("far", 0.25))
    ]
    table = pd.DataFrame(rows, columns=["seed", "update", "probe", "band", "metric", "score"])
    comparison = compared()
    (figure,) = generalisation_figures(comparison, comparison.variants, lambda variant, name: table).values()
    assert lines_of(figure, "rnn") == {"lag, inside": ([0, 10], [0.25, 0.75]), "lag, far": ([0, 10], [0.25, 0.25])}
    assert lines_of(figure, "chance") == {"lag, inside": ([0, 10], [0.25] * 2), "lag, far": ([0, 10], [0.5] * 2)}


def test_distances_below_and_above_training_are_apart() -> None:
    rows = [
        (seed, "lag (steps)", value, value - 20.0, "far" if value != 20 else "inside", "accuracy", value / 40, 0.25)
        for seed in (0, 1)
        for value in (30, 10, 20)
    ]
    names = ["seed", "varied", "value", "distance", "band", "metric", "score", "chance"]
    table = pd.DataFrame(rows, columns=names)
    comparison = compared()

    def draw(shown: pd.DataFrame) -> dict[str, Figure]:
        def tables(variant: Variant, name: str) -> pd.DataFrame | None:
            return shown if name == "scores_lag" else None

        return distance_figures(comparison, comparison.variants, tables)

    (figure,) = draw(table).values()
    assert lines_of(figure, "rnn") == {"lag: lag (steps)": ([-10, 0, 10], [0.25, 0.5, 0.75])}
    assert lines_of(figure, "chance") == {"lag: lag (steps)": ([-10, 0, 10], [0.25] * 3)}
    earlier = table.drop(columns=["band", "chance"]).assign(distance=np.abs(table["distance"]))
    assert draw(earlier) == {}
