import numpy as np
import pytest
from matplotlib.colors import to_rgb

from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import band
from seqprobe.figures.style import COLORS, figure, frame, named_colors, palette


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("n", [1, 2, 6, 12])
def test_palette_darkens_and_stays_readable_on_white(n):
    levels = [luminance(color) for color in palette(n)]
    assert len(set(palette(n))) == n
    assert levels == sorted(levels, reverse=True)
    assert (1.0 + 0.05) / (levels[0] + 0.05) > 1.8


def test_named_colors_repeat_after_the_last():
    assert named_colors(9) == [*COLORS, COLORS[0]]


def test_band_spans_the_members_and_the_line_is_their_median():
    axes, x = figure(4, 3).add_subplot(), np.array([0.0, 1.0, 2.0])
    members = np.array([[0.0, 1.0, 2.0], [1.0, 5.0, 3.0], [4.0, 2.0, 2.5]])
    shade, line = band(axes, x, members, "k")
    np.testing.assert_array_equal(line.get_ydata(), [1.0, 2.0, 2.5])
    corners = shade.get_paths()[0].vertices
    for at, low, high in zip(x, members.min(0), members.max(0), strict=True):
        heights = corners[corners[:, 0] == at, 1]
        assert (heights.min(), heights.max()) == (low, high)


def test_a_single_member_has_no_band():
    assert band(figure(4, 3).add_subplot(), np.arange(2), np.ones((1, 2)), "k")[0] is None


@pytest.mark.parametrize(
    ("truth", "members", "low", "high"),
    [
        ([0.0, 1.0], [[0.0, 1.2], [0.0, 1.0], [-0.3, 1.0]], -0.3, 1.2),
        ([0.0, 1.0], [[0.0, 1.0], [0.0, 1.0], [0.0, 1e6]], 0.0, 2.0),
        ([0.5, 0.5], np.empty((0, 2)), 0.5, 0.5),
    ],
)
def test_frame_shows_all_but_members_that_explode(truth, members, low, high):
    axes = figure(4, 3).add_subplot()
    frame(axes, np.array(truth), np.array(members))
    margin = 0.05 * (high - low or 0.5)
    np.testing.assert_allclose(axes.get_ylim(), [low - margin, high + margin])


@pytest.mark.parametrize(("width", "names"), [(9.0, "abcd"), (2.0, "acbd"), (1.0, "abcd")])
def test_legends_are_read_row_by_row_within_their_width(width, names):
    axes = figure(4, 3).add_subplot()
    for name in "abcd":
        axes.plot([0, 1], label=name)
    add_legend(axes, width)
    assert "".join(text.get_text() for text in axes.get_legend().get_texts()) == names
