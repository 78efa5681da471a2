"""Scores of probes over updates and over distances: a panel for each band or probe, with the levels there."""

from __future__ import annotations

import numpy as np
import pandas as pd
from reports.members import population

from seqprobe.reports.charts import LinePanel
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.probe_figures import (
    distance_charts,
    generalisation_charts,
    labelled_snapshots,
    ranged_scores,
    score_panels,
)
from seqprobe.reports.run_tables import Tables
from seqprobe.reports.selection import current_members

MEANS = {"probe/lag/inside/accuracy": [0.9, 0.8], "probe/lag/far/accuracy": [0.4, 0.3]}
LEVELS = {
    "reference/probe/lag/inside/accuracy/chance": [0.25] * 2,
    "reference/probe/lag/far/accuracy/chance": [0.5] * 2,
}


def compared() -> Comparison:
    (comparison,) = comparisons(current_members(population("rnn", {**MEANS, **LEVELS}, [0, 1])))
    return comparison


def medians(panels: list[LinePanel], model: str) -> dict[str, tuple[list[float], list[float]]]:
    """Positions and median scores of a model, by panel."""
    of_model = {panel.title: panel.series[model] for panel in panels}
    return {title: (list(x), list(np.median(values, 0))) for title, (x, values) in of_model.items()}


def levels(panels: list[LinePanel], name: str) -> dict[str, tuple[list[float], list[float]]]:
    """Positions and values of a level, by panel."""
    return {panel.title: (list(panel.levels[name][0]), list(panel.levels[name][1])) for panel in panels}


def test_each_band_has_a_panel_over_updates_with_its_level() -> None:
    rows = [
        (seed, update, "lag", band, "accuracy", score)
        for seed in (0, 1)
        for update in (0, 10)
        for band, score in (("inside", 0.25 + update / 20), ("far", 0.25))
    ]
    table = pd.DataFrame(rows, columns=["seed", "update", "probe", "band", "metric", "score"])
    comparison = compared()
    (score,) = set(comparison.scores.values())
    panels = score_panels(comparison, score, {"rnn": labelled_snapshots(table)}, "update")
    assert medians(panels, "rnn") == {"lag, inside": ([0, 10], [0.25, 0.75]), "lag, far": ([0, 10], [0.25, 0.25])}
    assert levels(panels, "chance") == {"lag, inside": ([0, 10], [0.25] * 2), "lag, far": ([0, 10], [0.5] * 2)}
    (chart,) = generalisation_charts(comparison, comparison.variants, lambda variant, name: table)
    assert (chart.name, len(chart.panels), chart.legend) == ("generalisation", 2, [("level l2", "chance")])
    assert "<title>rnn at 10: 0.75 [0.75, 0.75]</title>" in chart.panels[0]
    assert ">updates</text>" in chart.panels[1]


def test_distances_below_and_above_training_are_apart() -> None:
    rows = [
        (seed, "lag (steps)", value, value - 20.0, "far" if value != 20 else "inside", "accuracy", value / 40, 0.25)
        for seed in (0, 1)
        for value in (30, 10, 20)
    ]
    names = ["seed", "varied", "value", "distance", "band", "metric", "score", "chance"]
    table = pd.DataFrame(rows, columns=names)
    comparison = compared()

    def kept(shown: pd.DataFrame) -> Tables:
        return lambda variant, name: shown if name == "scores_lag" else None

    (variant,), (score,) = comparison.variants, set(comparison.scores.values())
    ranged = ranged_scores(comparison, variant, kept(table))
    assert ranged is not None
    panels = score_panels(comparison, score, {"rnn": ranged}, "distance")
    assert medians(panels, "rnn") == {"lag": ([-10, 0, 10], [0.25, 0.5, 0.75])}
    assert levels(panels, "chance") == {"lag": ([-10, 0, 10], [0.25] * 3)}
    assert panels[0].trained == (0, 0)
    (chart,) = distance_charts(comparison, comparison.variants, kept(table))
    assert chart.name == "distance"
    assert ">distance in lag (steps)</text>" in chart.panels[0]
    earlier = table.drop(columns=["band", "chance"]).assign(distance=np.abs(table["distance"]))
    assert list(distance_charts(comparison, comparison.variants, kept(earlier))) == []
