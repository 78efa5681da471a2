"""How fast networks learn, and how far back they remember."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqprobe import figures
from seqprobe.figures.convergence import best_so_far


def image_of(drawing: Any) -> np.ndarray:
    return np.ma.filled(drawing.axes[0].images[0].get_array().astype(float), np.nan)


def test_convergence_is_of_the_least_error_so_far() -> None:
    errors = np.array([[4.0, 1.0, 2.0], [np.nan, 3.0, np.nan]])
    np.testing.assert_array_equal(best_so_far(errors), [[4, 1, 1], [np.inf, 3, 3]])
    panels = {"settings": {"rnn": (np.array([1.0, 2.0, 4.0]), errors[:1])}}
    drawing = figures.convergence(panels, [0.5], 0.1, "title")
    lines = {line.get_label(): line for line in drawing.axes[0].lines}
    assert lines["rnn"].get_ydata().tolist() == [4, 1, 1]
    assert "best possible (0.1)" in lines


def test_a_seed_that_diverges_does_not_flatten_the_others() -> None:
    errors = np.array([[4.0, 1.0, 0.5], [4.0, 1.1, 0.6], [4.0, 1e24, np.nan]])
    drawing = figures.convergence({"settings": {"rnn": (np.array([1.0, 2.0, 4.0]), errors)}}, [0.5], 0.1, "title")
    low, high = drawing.axes[0].get_ylim()
    assert 0.01 < low < 0.1
    assert 4 < high < 40
    assert next(line.get_label() for line in drawing.axes[0].lines) == "rnn, 1 diverged"
    (band,) = drawing.axes[0].collections
    assert band.get_paths()[0].vertices[:, 1].max() == 4


def test_the_table_of_lags_counts_seeds() -> None:
    accuracies = np.array([[[1.0, 0.96, 0.2], [0.2, 0.3, 0.25]]])
    drawing = figures.recall_map([10, 20], [0], accuracies, 0.95, 0.25, "title")
    assert [text.get_text() for text in drawing.axes[0].texts] == ["2 of 3\n0.96", "0 of 3\n0.25"]
    np.testing.assert_allclose(image_of(drawing), [[0.96, 0.25]])
