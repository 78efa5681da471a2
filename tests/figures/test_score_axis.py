"""The axis that scores are drawn on."""

from __future__ import annotations

import numpy as np
import pytest

from seqprobe import figures
from seqprobe.figures.score_axis import score_limits


@pytest.mark.parametrize(
    ("values", "scale", "limits"),
    [
        ([0.8325, 0.8525], "linear", (0, 1.05)),  # accuracies have the range of all shares
        ([0.02, 0.03, np.nan], "linear", (0, 0.0315)),
        ([-1.0, 3.0], "linear", (-1.2, 3.2)),
        ([-3.0, -1.0], "linear", (-3.15, 0.15)),
        ([], "linear", (0, 0.05)),
        ([1.0, 1.0], "log", (10**-0.5, 10**0.5)),
        ([0.0, 0.1, 100.0], "log", (10**-1.15, 10**2.15)),
        ([np.nan, np.inf], "log", (0.1, 1)),
    ],
)
def test_an_axis_of_scores_shows_no_difference_larger_than_it_is(
    values: list[float], scale: str, limits: tuple[float, float]
) -> None:
    assert score_limits(np.array(values), scale) == pytest.approx(limits)


def test_every_figure_of_scores_has_such_an_axis() -> None:
    close = np.array([[0.8325, 0.8525]])
    series = {"rnn": (np.arange(2.0), close)}
    drawings = [
        figures.scores_by_position(np.arange(2.0), "x", {"accuracy": close}, {}, None, "t"),
        figures.scores_by_label(["a", "b"], {"accuracy": close}, {}, "t"),
        figures.small_multiples([figures.Panel("rnn", series)], ["rnn"], "x", "accuracy", "t", "r"),
        figures.contrasts(["a", "b"], {"accuracy": close}, {"accuracy": np.array([0.85, 0.85])}, "t"),
        figures.concepts(["a", "b"], ["c"], [1], close[None], close[None], close[0], close[None], "t"),
    ]
    assert {drawing.axes[0].get_ylim() for drawing in drawings} == {(0, 1.05)}
    steps = np.arange(2.0)
    curves = figures.training_curves(steps, close, steps, close, "loss", {}, "t").axes[0]
    assert curves.get_ylim()[1] == pytest.approx(10 * curves.get_ylim()[0])


def test_logarithmic_axes_of_scores_have_plain_numbers() -> None:
    steps, losses = np.arange(3.0), np.array([[2.0, 0.9, 0.7]])
    axes = figures.training_curves(steps, losses, steps, losses, "loss", {}, "t").axes[0]
    axes.figure.draw_without_rendering()
    shown = [label.get_text() for label in axes.get_yticklabels() if label.get_text()]
    assert {"0.5", "1", "2"} <= set(shown)
