"""Maps of scores over two parameters, by their data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import LogNorm

from seqprobe import figures
from seqprobe.figures.generalisation_map import Box, shared_norm

X, Y = np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0])


def drawn(panels: Any, box: Box = ((1, 2), (10, 20))) -> Any:
    return figures.generalisation_map(panels, X, Y, "amplitude", "frequency", box, "error", "title")


def test_a_cell_shows_the_median_of_finite_members() -> None:
    first = np.arange(6.0).reshape(2, 3)
    drawing = drawn({"": np.stack([first, first + 1, first + 5, np.full((2, 3), np.nan)])})
    axes = drawing.axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), first + 1)
    assert axes.get_title(loc="left") == "median of 3 of 4 seeds; 1 diverged"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1", "2", "4"]
    assert (axes.get_xlabel(), axes.get_ylabel(), drawing.axes[1].get_ylabel()) == ("amplitude", "frequency", "error")


def test_panels_share_one_scale() -> None:
    drawing = drawn({"lstm": np.full((1, 2, 3), 2.0), "rnn": np.full((3, 2, 3), 5.0)})
    assert len(drawing.axes) == 3  # with the colour bar
    assert [axes.images[0].get_clim() for axes in drawing.axes[:2]] == [(2.0, 5.0)] * 2
    titles = [axes.get_title(loc="left") for axes in drawing.axes[:2]]
    assert titles == ["lstm · 1 seed", "rnn · median of 3 seeds"]


@pytest.mark.parametrize(
    ("box", "x", "y", "said"),
    [
        (((1, 2), (10, 20)), [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], "an outline in white"),
        (((0, 3), (20, 20)), [-0.5, 1.5, 1.5, -0.5, -0.5], [1] * 5, "a line in white"),
        (((4, 4), (15, 15)), [2] * 5, [0.5] * 5, "a ring in white"),
    ],
)
def test_training_is_marked_where_it_lay(box: Box, x: list[float], y: list[float], said: str) -> None:
    drawing = drawn({"": np.ones((1, 2, 3))}, box)
    (line,) = drawing.axes[0].lines
    assert line.get_xdata() == pytest.approx(x)
    assert line.get_ydata() == pytest.approx(y)
    assert line.get_marker() == ("o" if said == "a ring in white" else "None")
    assert f"{said}: what training covered" in drawing.get_supxlabel()


def test_training_beyond_the_map_is_not_marked_at_its_border() -> None:
    drawing = drawn({"": np.ones((1, 2, 3))}, ((9, 9), (10, 20)))
    assert len(drawing.axes[0].lines) == 0
    assert "what training covered is not shown" in drawing.get_supxlabel()


@pytest.mark.parametrize(
    ("values", "low", "high", "logarithmic"),
    [
        ([0.2, 0.9, np.nan], 0.2, 0.9, False),
        ([0.01, 1.0, 0.0, np.inf], 0.01, 1.0, True),
        ([1e-9, 10.0], 1e-5, 10.0, True),
        ([0.99, 1.0], 0.9, 1.0, False),
        ([0.0, 0.0], 0.0, 1.0, False),
        ([np.nan], 0.0, 1.0, False),
    ],
)
def test_the_scale(values: list[float], low: float, high: float, logarithmic: bool) -> None:
    norm = shared_norm(np.array(values))
    assert (norm.vmin, norm.vmax) == pytest.approx((low, high))
    assert isinstance(norm, LogNorm) is logarithmic


def test_no_error_has_the_darkest_colour_of_a_logarithmic_scale() -> None:
    drawing = drawn({"": np.array([[[0.0, 0.01, 1.0], [0.1, 0.1, 0.1]]])})
    assert drawing.axes[0].images[0].get_array()[0, 0] == 0.01


def test_nobody_finite_is_said_and_drawn() -> None:
    drawing = drawn({"": np.full((2, 2, 3), np.nan)})
    assert drawing.axes[0].get_title(loc="left") == "no finite member (2 of 2 seeds diverged)"
