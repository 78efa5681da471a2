"""Scores of a probe along its values."""

from __future__ import annotations

import numpy as np
import pytest

from seqprobe import figures


def test_measured_draws_members_median_references_and_the_training_range() -> None:
    scores = {"error": np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 5.0], [np.nan] * 3])}
    best = {"error": {"best possible": np.array([0.5, 0.4, 0.3])}}
    drawing = figures.scores_by_position(np.array([3.0, 1.0, 2.0]), "length", scores, best, (1.0, 2.0), "title", ("y",))
    (axes,) = drawing.axes
    lines = {line.get_label(): line for line in axes.lines}
    assert lines["members"].get_xdata().tolist() == [1, 2, 3]
    assert lines["members"].get_ydata().tolist() == [2, 4, 2]
    assert lines["best possible"].get_ydata().tolist() == [0.4, 0.3, 0.5]
    assert len([label for label in lines if label.startswith("_")]) >= 1
    assert (axes.get_yscale(), axes.get_xscale(), axes.get_xlabel()) == ("log", "linear", "length")
    assert "2 of 3 seeds; 1 diverged" in drawing.get_supxlabel()


def test_a_level_line_of_scores_does_not_seem_to_vary() -> None:
    drawing = figures.scores_by_position(np.array([1.0, 2.0]), "x", {"accuracy": np.ones((2, 2))}, {}, None, "title")
    assert drawing.axes[0].get_ylim() == (0, 1.05)


def test_levels_are_on_the_axis_of_scores_by_label() -> None:
    scores, levels = {"rmse": np.array([[0.1, 0.2]])}, {"rmse": {"constant predictor": np.array([0.4, 0.3])}}
    assert figures.scores_by_label(["a", "b"], scores, levels, "t").axes[0].get_ylim() == pytest.approx((0, 0.42))
