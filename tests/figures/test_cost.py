"""The cost figure carries its data: medians, the spread over rounds, and the levels to compare with."""

import numpy as np
import pytest

from seqprobe.figures import CostPanel, cost_per_seed

SEEDS = np.array([1, 16, 256])
STACKED = np.array([[3.0, 1.0, 2.0], [0.5, 0.4, 0.6], [0.03, 0.01, 0.02]])
LOOPED = np.array([[2.0, 2.5, 1.5], [2.0, 2.0, 2.0], [1.0, 3.0, 2.9]])
COSTS = {"stacked": STACKED, "looped": LOOPED, "auto": LOOPED}
LEVELS = {"Lightning, one seed": 4.0, "bare loop, one seed": 1.5, "arithmetic": 0.001}


def panel(title="rnn B2 T3 H4", seeds=SEEDS, costs=COSTS, levels=LEVELS):
    return CostPanel(title, seeds, costs, levels)


@pytest.fixture
def axes():
    return cost_per_seed([panel()], "t").axes[0]


def bars(axes, label):
    """What an engine's error bars show: their line, the least and the greatest."""
    (container,) = [container for container in axes.containers if container.get_label() == label]
    line, _, (spans,) = container.lines
    low, high = np.array([segment[:, 1] for segment in spans.get_segments()]).T
    return line, low, high


@pytest.mark.parametrize(("engine", "costs"), [("stacked", STACKED), ("looped", LOOPED)])
def test_an_engines_line_is_the_median_and_its_bars_span_all_rounds(axes, engine, costs):
    line, low, high = bars(axes, engine)
    np.testing.assert_array_equal(line.get_xdata(), SEEDS)
    np.testing.assert_allclose(line.get_ydata(), np.median(costs, 1))
    np.testing.assert_allclose(low, costs.min(1))
    np.testing.assert_allclose(high, costs.max(1))


def test_auto_is_a_ring_at_its_median(axes):
    (ring,) = [line for line in axes.get_lines() if line.get_label() == "auto"]
    np.testing.assert_allclose(ring.get_xydata(), np.stack([SEEDS, np.median(LOOPED, 1)], 1))
    assert (ring.get_linestyle(), ring.get_fillstyle()) == ("None", "none")
    assert [container.get_label() for container in axes.containers] == ["stacked", "looped"]


def test_levels_are_drawn_across_and_told_apart(axes):
    levels = {line.get_label(): line for line in axes.get_lines() if line.get_label() in LEVELS}
    assert {name: list(line.get_ydata()) for name, line in levels.items()} == {
        name: [level, level] for name, level in LEVELS.items()
    }
    assert {tuple(line.get_xdata()) for line in levels.values()} == {(0, 1)}
    assert len({str(line._dash_pattern) for line in levels.values()}) == len(LEVELS)


def test_axes_are_logarithmic_with_a_tick_for_every_number_of_seeds(axes):
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("seeds trained at once", "ms per seed and update")
    np.testing.assert_array_equal(axes.get_xticks(), SEEDS)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "16", "256"]


def test_everything_is_named_once_below_all_panels():
    drawing = cost_per_seed([panel("a"), panel("b")], "What a seed costs")
    (legend,) = drawing.legends
    assert sorted(text.get_text() for text in legend.get_texts()) == sorted([*LEVELS, *COSTS])
    assert drawing.get_suptitle() == "What a seed costs"


def test_what_only_a_later_panel_has_is_named_too():
    few = panel("a", costs={"stacked": STACKED}, levels={})
    (legend,) = cost_per_seed([few, panel("b")], "t").legends
    assert {text.get_text() for text in legend.get_texts()} == {*LEVELS, *COSTS}


@pytest.mark.parametrize(
    ("count", "named_below", "named_left"),
    [(1, [0], [0]), (3, [0, 1, 2], [0]), (4, [0, 1, 2, 3], [0]), (6, [2, 3, 4, 5], [0, 4]), (8, [4, 5, 6, 7], [0, 4])],
)
def test_a_panel_per_shape_named_at_the_edges(count, named_below, named_left):
    drawing = cost_per_seed([panel(f"shape {index}") for index in range(count)], "t")
    drawing.draw_without_rendering()
    assert [axes.get_title() for axes in drawing.axes] == [f"shape {index}" for index in range(count)]
    assert [index for index, axes in enumerate(drawing.axes) if axes.get_xlabel()] == named_below
    assert [index for index, axes in enumerate(drawing.axes) if axes.get_ylabel()] == named_left


@pytest.mark.parametrize("levels", [{}, LEVELS])
def test_one_number_of_seeds_and_one_round_can_be_drawn(levels):
    one = panel(seeds=np.array([1]), costs={"looped": np.array([[2.0]])}, levels=levels)
    drawing = cost_per_seed([one], "t")
    drawing.draw_without_rendering()
    line, low, high = bars(drawing.axes[0], "looped")
    assert (list(line.get_ydata()), low, high) == ([2.0], [2.0], [2.0])
