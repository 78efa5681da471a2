"""Outputs of probed curves beside a measure of them: names, medians, levels and marks are where the numbers are."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from seqprobe.figures import CurveMeasure, measured_facets, measured_outputs
from seqprobe.figures.style import palette

X = np.linspace(0, 1, 5)
TRUTH = np.array([1.0, 2.0, 3.0])[:, None] * X
OUTPUTS = TRUTH + np.array([0.0, 0.1, 0.4])[:, None, None]
LABELS = ["m = 1", "m = 2", "m = 3"]
MEASURE = CurveMeasure(np.arange(3.0), "slope", OUTPUTS[..., -1], "end", {"a copy": np.arange(3.0)})


def named_heights(drawing: Figure) -> dict[str, float]:
    return {text.get_text().removeprefix("– "): float(text.xy[1]) for text in drawing.axes[0].texts}


def test_each_output_is_named_at_its_end() -> None:
    drawing = measured_outputs(X, OUTPUTS, LABELS, (X, X), MEASURE, "t")
    assert named_heights(drawing) == pytest.approx({"m = 1": 1.1, "m = 2": 2.1, "m = 3": 3.1})
    medians = [line.get_ydata() for line in drawing.axes[0].lines if line.get_label() == "_prediction"]
    np.testing.assert_allclose(medians, TRUTH + 0.1)


def test_names_of_outputs_that_end_together_do_not_touch() -> None:
    drawing = measured_outputs(X, OUTPUTS[:, [0, 0, 0]], LABELS, None, MEASURE, "t")
    low, high = drawing.axes[0].get_ylim()
    heights = sorted(named_heights(drawing).values())
    assert np.diff(heights).min() > 0.06 * (high - low)
    assert heights[-1] <= high


def test_the_measure_has_medians_in_the_curves_colours_and_its_levels() -> None:
    measured = measured_outputs(X, OUTPUTS, LABELS, None, MEASURE, "t").axes[1]
    (points,) = measured.collections
    np.testing.assert_allclose(points.get_offsets(), [[0, 1.1], [1, 2.1], [2, 3.1]])
    assert points.get_facecolors().shape == (3, 4)
    assert len({tuple(color) for color in points.get_facecolors()}) == len(palette(3))
    (level,) = [line for line in measured.lines if line.get_label() == "a copy"]
    assert list(level.get_ydata()) == [0, 1, 2]


def test_positions_of_truth_and_prediction_are_marked_in_each_panel() -> None:
    marks = {"the input's": np.array([0.1, 0.2, 0.3]), "the output's": np.array([0.4, 0.5, 0.6])}
    *facets, _ = measured_facets(X, TRUTH, OUTPUTS, LABELS, None, MEASURE, "t", marks).axes
    for name, places in marks.items():
        drawn = [line.get_xdata()[0] for axes in facets for line in axes.lines if line.get_label() == name]
        np.testing.assert_array_equal(drawn, places)


def test_members_that_are_not_finite_leave_no_name() -> None:
    drawing = measured_outputs(X, np.full_like(OUTPUTS, np.nan), LABELS, None, MEASURE, "t")
    drawing.draw_without_rendering()
    assert named_heights(drawing) == {}
