"""The figure of a probe without one of its own has an axis with units, the training range, and no lost values."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from matplotlib.axes import Axes

from seqprobe.probes import Probe, ProbeResult
from seqprobe.probes.bands import variation
from seqprobe.probes.score_drawing import draw_scores, numeric_values
from seqprobe.scoring import Score
from seqprobe.tasks import Task

SCORES = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, np.nan]])


class Measured(Probe[Task]):
    """A probe with a score of its own."""

    scores = (Score("delay", "lower", "s"),)

    def run(self, *_: Any) -> ProbeResult:
        raise NotImplementedError


class Degrees:
    """What a figure asks of a task."""

    unit = "°C"


def panel(result: ProbeResult) -> Axes:
    (axes,) = draw_scores(result, {"rmse": "RMSE (°C)"}, "title").axes
    return axes


def labels(axes: Axes) -> list[str]:
    return axes.get_legend_handles_labels()[1]


def test_numbers_are_on_an_axis_with_the_training_range_that_their_distances_show() -> None:
    result = ProbeResult(["5", "40", "80"], {"rmse": SCORES}, **variation("length (steps)", [5, 40, 80], (5, 20)))
    axes = panel(result)
    (median,) = (line for line in axes.lines if line.get_label() == "members")
    assert cast(np.ndarray, median.get_xdata()).tolist() == [5, 40, 80]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("length (steps)", "RMSE (°C)")
    (shade,) = (patch for patch in axes.patches if patch.get_label() == "trained")
    assert shade.get_extents().transformed(axes.transData.inverted()).intervalx.tolist() == pytest.approx([5, 20])
    (cross,) = (line for line in axes.lines if line.get_label() == "no answer")
    assert cast(np.ndarray, cross.get_xdata()).tolist() == [80]


def test_many_decades_have_a_logarithmic_axis() -> None:
    assert panel(ProbeResult(["1", "10", "31"], {"rmse": SCORES})).get_xscale() == "log"
    assert panel(ProbeResult(["1", "10", "30"], {"rmse": SCORES})).get_xscale() == "linear"


def test_words_are_categories_with_points_and_no_line_between_them() -> None:
    result = ProbeResult(["north", "south", "west"], {"rmse": SCORES}, varied="part", bands=["inside", "far", "far"])
    axes = panel(result)
    assert [text.get_text() for text in axes.get_xticklabels()] == ["north", "south", "west"]
    assert axes.get_xlabel() == "part"
    assert {line.get_linestyle() for line in axes.lines} == {"None"}
    assert labels(axes) == ["trained", "no answer"]
    assert len(axes.patches) == 1


def test_values_that_are_only_averaged_are_numbered() -> None:
    assert [text.get_text() for text in panel(ProbeResult([], {"rmse": SCORES})).get_xticklabels()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [(["1", "0.5"], [1, 0.5]), (["1_2", "3_4"], None), (["1"], None), (["nan", "1"], None), (["a", "1"], None)],
)
def test_what_counts_as_a_number(values: list[str], numbers: list[float] | None) -> None:
    positions = numeric_values(ProbeResult(values, {}))
    assert (None if positions is None else positions.tolist()) == numbers


@pytest.mark.parametrize(
    ("measure", "name"),
    [("delay", "delay (s)"), ("rmse", "RMSE (°C)"), ("mae", "MAE (°C)"), ("share_right", "share right")],
)
def test_axes_have_units(measure: str, name: str) -> None:
    assert Measured().axis_name(measure, cast(Task, Degrees())) == name
