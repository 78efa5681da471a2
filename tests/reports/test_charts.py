"""Charts have their numbers where they belong, whatever the numbers are."""

from __future__ import annotations

import re
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest

from seqprobe.figures.series_styles import FAMILIES, MARKERS
from seqprobe.figures.style import COLORS
from seqprobe.reports.charts import Axis, Chart, Dot, DotPanel, HeatPanel, LinePanel
from seqprobe.reports.charts.chart import style_sheet
from seqprobe.reports.charts.chart_axis import tick_text
from seqprobe.reports.charts.heat_panel import COLORS as SHADES
from seqprobe.reports.charts.heat_panel import color_axis, color_steps
from seqprobe.reports.charts.line_panel import spread
from seqprobe.reports.charts.panel_rows import Labels, dot_chart, line_chart
from seqprobe.reports.charts.svg_marks import SHAPES, path, pieces, simplified

X = np.array([0.0, 1.0, 2.0])
MEMBERS = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 9.0], [3.0, 3.0, np.nan]])
LABELS = Labels("name", "a title", "a caption", "updates", "rmse")


def titles(panel: str) -> list[str]:
    """What is shown when something in a panel is pointed at."""
    return re.findall("<title>(.*?)</title>", panel)


@pytest.mark.parametrize(
    ("axis", "values", "shares"),
    [
        (Axis(0, 10), [0, 5, 10], [0, 0.5, 1]),
        (Axis(0.01, 100, "log"), [0.01, 1, 100], [0, 0.5, 1]),
        (Axis(0, 100, "symlog", 10), [0, 5, 10, 100], [0, 0.25, 0.5, 1]),
    ],
)
def test_values_are_in_place_on_an_axis(axis: Axis, values: list[float], shares: list[float]) -> None:
    np.testing.assert_allclose(axis.fractions(np.array(values)), shares)
    assert np.isnan(Axis(1, 2, "log").fractions(np.array([0.0]))[0])


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        (Axis(0, 1), ["0", "0.5", "1"]),
        (Axis(-0.3, 0.7), ["−0.2", "0", "0.2", "0.4", "0.6"]),
        (Axis(0.003, 0.2, "log"), ["0.005", "0.01", "0.02", "0.05", "0.1", "0.2"]),
        (Axis(1e-7, 1e5, "log"), ["10⁻⁶", "0.001", "1", "1000"]),
        (Axis(0, 1000, "symlog", 50), ["0", "50", "100", "200", "500", "1000"]),
        (Axis(2, 2), ["2"]),
    ],
)
def test_ticks_are_few_round_numbers(axis: Axis, ticks: list[str]) -> None:
    assert [tick_text(round(tick, 9)) for tick in axis.ticks()] == ticks


def test_a_line_is_interrupted_where_nothing_is_known() -> None:
    x, y = np.arange(5.0), np.array([1, 2, np.nan, 4, 5])
    assert [list(piece[1]) for piece in pieces(x, y)] == [[1, 2], [4, 5]]
    assert path(x, y, "line") == '<path class="line" d="M0 10l10 10M30 40l10 10"/>'
    assert path(x, np.full(5, np.nan), "line") == ""


def test_a_line_keeps_the_points_that_it_needs() -> None:
    x = np.linspace(0, 300, 301)
    assert simplified(x, 2 * x).tolist() == [[0, 0], [300, 600]]
    curve = 100 * np.sin(x / 30)
    kept = simplified(x, curve)
    assert len(kept) < 60
    np.testing.assert_allclose(
        np.interp(x, *kept.T), curve, atol=1.3
    )  # it is up to a third of a pixel beside a steep line


def test_medians_of_every_model_with_levels_and_names_beside_them() -> None:
    panels = [
        LinePanel("one", {"rnn": (X, MEMBERS), "lstm": (X, 2 * MEMBERS)}, {"chance": 0.5}, trained=(0, 1)),
        LinePanel("two", {"lstm": (X, 3 * MEMBERS)}),
    ]
    chart = line_chart(panels, LABELS, y_kind="log")
    assert "rnn at 0: 2 [1, 3]" in titles(chart.panels[0])
    assert "lstm at 2: 12 [6, 18]" in titles(chart.panels[0])  # of the finite members
    assert {"chance: 0.5", "training range"} <= set(titles(chart.panels[0]))
    assert ">rnn</text>" in chart.panels[0]
    assert chart.legend == [("level l2", "chance")]
    assert ">rmse, logarithmic</text>" in chart.panels[1]
    assert ">updates</text>" in chart.panels[1]
    truth = line_chart([LinePanel("one", panels[0].series, truth=(X, X))], LABELS)
    assert [name for _, name in truth.legend] == ["truth", "rnn", "lstm"]


def test_names_beside_lines_do_not_overlap() -> None:
    assert spread({"a": 50, "b": 52, "c": 10}, 12, 100) == {"c": 10, "a": 50, "b": 62}
    moved = list(spread({"a": 99, "b": 99, "c": 99}, 12, 100).values())
    assert np.diff(moved).tolist() == [12, 12]
    assert moved[-1] == 98


def test_rows_have_a_mark_for_each_model_and_the_levels() -> None:
    dots = [Dot(0, "rnn", np.array([0.001, 0.02, 0.5]), 0.02, 0.001, 0.5), Dot(1, "lstm", np.empty(0), 0.3, 0.3, 0.3)]
    chart = dot_chart([DotPanel("val/rmse", ["rnn", "lstm"], dots, {"constant": 1.0})], LABELS, [True])
    assert set(titles(chart.panels[0])) == {"constant: 1", "rnn: 0.02 [0.001, 0.5]", "lstm: 0.3 [0.3, 0.3]"}
    assert ">10⁻³</text>" not in chart.panels[0]
    assert ">0.001</text>" in chart.panels[0]
    assert chart.legend == [("level l3", "constant")]  # rows name the models


def test_a_map_has_one_colour_scale_and_an_outline() -> None:
    scores = np.array([[0.01, 0.1], [1.0, np.nan]])
    color = color_axis(scores)
    assert (color.low, color.high, color.kind) == (0.01, 1, "log")
    assert color_steps(scores, color).tolist() == [[0, len(SHADES) // 2], [len(SHADES) - 1, -1]]
    assert color_axis(np.array([0.98, 0.99])).low == pytest.approx(0.891)
    panel = HeatPanel("gru", np.array([1.0, 2]), np.array([3.0, 4]), scores, ((1, 1), (3, 3)))
    drawn = panel.draw(color, "a", "b", "rmse")
    assert drawn.count('class="cell"') == 3
    assert 'class="box"' in drawn
    outside = HeatPanel("gru", panel.x, panel.y, scores, ((9, 9), (3, 3))).draw(color, "a", "b", "rmse")
    assert 'class="box"' not in outside


def test_what_cannot_be_drawn_is_left_out() -> None:
    x, members = np.array([0.0, 1.0, 1e308]), np.array([[1.0, 3.0, np.inf], [np.nan, np.nan, -1e308]])
    lost = {"gru": (x, np.full((2, 3), np.nan)), "rnn": (x, members)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chart = line_chart([LinePanel("one", lost)], LABELS)
        dot_chart([DotPanel("", ["a"], [Dot(0, "rnn", members[0], 3.0, -np.inf, np.inf)])], LABELS, [False])
    ElementTree.fromstring(chart.panels[0])
    assert not re.search("nan|inf", chart.panels[0].replace("line", ""))


def test_a_file_is_an_svg_with_everything_in_it() -> None:
    panels = [LinePanel(f"<{index}>", {"rnn": (X, MEMBERS)}, {"a & b": 1.0}) for index in range(6)]
    chart = line_chart(panels, LABELS)
    root = ElementTree.fromstring(chart.file())
    assert len(root.findall("{*}svg")) == 6
    assert "a caption" in chart.file()
    assert len({(panel.get("x"), panel.get("y")) for panel in root.findall("{*}svg")}) == 6
    assert chart.file() == chart.file()
    assert len(chart.file()) < 20_000
    assert "http" not in chart.file().replace("http://www.w3.org/2000/svg", "")


def test_styles_are_those_of_other_figures() -> None:
    sheet = style_sheet()
    light = dict(re.findall(r"--(c\d): (#\w+)", sheet.partition("@media")[0]))
    assert [light[f"c{index}"] for index in range(len(COLORS))] == [color.lower() for color in COLORS]
    assert len(SHAPES) == len(MARKERS)
    chart = line_chart([LinePanel("", dict.fromkeys(FAMILIES, (X, MEMBERS)))], LABELS)
    assert all(f'class="line s{index}"' in chart.panels[0] for index in range(len(FAMILIES)))
    assert isinstance(chart, Chart)
