"""Figures of several models: medians, bands and levels are where the numbers are, on shared axes."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.figure import Figure

from seqprobe.figures import Panel, small_multiples

X = np.array([0.0, 1.0, 2.0])
MEMBERS = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 9.0], [3.0, 3.0, np.nan]])


def drawn() -> Figure:
    panels = [
        Panel("one", {"rnn": (X, MEMBERS), "lstm": (X, 2 * MEMBERS)}, {"chance": 0.5}),
        Panel("two", {"lstm": (X, 3 * MEMBERS)}),
    ]
    return small_multiples(panels, ["rnn", "lstm"], "updates", "rmse", "a title", "what to read", y_scale="log")


def test_medians_and_bands_of_every_model() -> None:
    first, second = drawn().axes
    lines = {line.get_label(): line for line in first.lines}
    assert list(lines["rnn"].get_ydata()) == [2, 3, 6]  # the median of the finite members
    assert list(lines["lstm"].get_ydata()) == [4, 6, 12]
    assert lines["chance (0.5)"].get_ydata() == [0.5, 0.5]
    (band, _) = [each for each in first.collections if isinstance(each, FillBetweenPolyCollection)]
    assert (band.get_paths()[0].vertices[:, 1].min(), band.get_paths()[0].vertices[:, 1].max()) == (1, 9)
    assert list(second.lines[0].get_ydata()) == [6, 9, 18]


def test_panels_share_their_axes_and_a_model_looks_the_same_in_all() -> None:
    first, second = drawn().axes
    assert first.get_ylim() == second.get_ylim()
    assert first.get_yscale() == "log"
    one = next(line for line in first.lines if line.get_label() == "lstm")
    assert (one.get_color(), one.get_linestyle()) == (second.lines[0].get_color(), second.lines[0].get_linestyle())


def test_a_legend_names_models_and_levels_once() -> None:
    (legend,) = drawn().legends
    assert [text.get_text() for text in legend.get_texts()] == ["chance (0.5)", "rnn", "lstm"]


def test_names_of_positions() -> None:
    panel = Panel("rnn", {"rnn": (X, MEMBERS)})
    (axes,) = small_multiples([panel], ["rnn"], "value", "rmse", "t", "r", ticks=["a", "b", "c"]).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize("ticks", [(), ("a", "b", "c")])
def test_levels_that_differ_between_positions(ticks: tuple[str, ...]) -> None:
    levels = {"chance": (np.array([X[2], X[0]]), np.array([0.5, 0.25]))}
    panel = Panel("rnn", {"rnn": (X, MEMBERS)}, levels=levels)
    (axes,) = small_multiples([panel], ["rnn"], "value", "rmse", "t", "r", ticks=ticks).axes
    (line,) = [line for line in axes.lines if line.get_label() == "chance"]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([X[0], X[2]], [0.25, 0.5])


def test_the_last_panel_of_each_column_has_numbers_below_it() -> None:
    panels = [Panel(str(i), {"rnn": (X, MEMBERS)}) for i in range(6)]
    drawing = small_multiples(panels, ["rnn"], "x", "y", "t", "r")
    drawing.draw_without_rendering()
    shown = [any(label.get_visible() for label in axes.get_xticklabels()) for axes in drawing.axes]
    assert shown == [False, False, True, True, True, True]


@pytest.mark.parametrize("count", [1, 5, 9])
def test_any_number_of_panels(count: int) -> None:
    panels = [Panel(str(i), {"rnn": (X, MEMBERS)}) for i in range(count)]
    assert len(small_multiples(panels, ["rnn"], "x", "y", "t", "r").axes) == count


def test_what_cannot_be_drawn_is_left_out() -> None:
    panel = Panel("one", {"rnn": (np.array([0.0, 1.0, 1e308]), np.array([[1.0, 3.0, np.inf]]))})
    drawing = small_multiples([panel], ["rnn"], "distance", "rmse", "t", "r")
    drawing.draw_without_rendering()
    assert drawing.axes[0].get_xlim()[1] < 2
