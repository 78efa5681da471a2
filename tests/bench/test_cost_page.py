"""The page shows every measurement in tables and a figure, between its marks and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seqprobe.bench import cost_page as page
from seqprobe.bench.benchmark import Measurements
from seqprobe.bench.cost_page import (
    BEGIN,
    END,
    check_page,
    cost_figure,
    markdown_table,
    page_text,
    replace_measured_part,
    tables,
)
from seqprobe.bench.ratios import BARE, COMMON
from seqprobe.bench.shapes import Shape
from seqprobe.checks import InvalidValue

RNN = Shape("rnn", 20, 3, 26, {16: 15}, 2)
MINE = Shape("mine", 1, 100, 8)
RATIOS = "Times cheaper per seed than Lightning with one seed, engine {}"
COSTS = "Milliseconds per seed and update, engine {}"
PROFILE, FLOOR = "Where the time goes", "How far from the arithmetic floor"
POPULATIONS = {
    ("stacked", 1): [2, 1, 3],
    ("looped", 1): [1, 1, 2],
    ("auto", 1): [1, 1, 1],
    ("stacked", 16): [0.1, 0.1, 0.2],
    ("looped", 16): [1, 1, 1],
    ("auto", 16): [0.1, 0.2, 0.1],
}


def frame_of(costs: dict[tuple[str, int], list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        {"side": side, "seeds": seeds, "round": turn, "updates": 10, "ms": float(ms)}
        for turn in range(3)
        for (side, seeds), rounds in costs.items()
        for ms in [rounds[turn]]
    )


def measured_with(*engines: str) -> Measurements:
    """Two shapes, one without rivals, measured with these engines."""
    costs = {side: rounds for side, rounds in POPULATIONS.items() if side[0] in engines}
    rivals: dict[tuple[str, int], list[float]] = {(COMMON, 1): [2, 4, 2], (BARE, 1): [0.5, 0.5, 0.8]}
    found = Measurements("a machine, 1 thread of 2 cores", {RNN: frame_of({**rivals, **costs}), MINE: frame_of(costs)})
    found.floors = {RNN: 0.05, MINE: 0.001}
    found.profiles = {
        "rnn, 1 seed": {"forward": 3.0, "Lightning": 1.0},
        "rnn, 16 seeds": {"forward": 1, "Lightning": 9},
    }
    return found


@pytest.fixture
def measured() -> Measurements:
    return measured_with("stacked", "looped", "auto")


def test_ratios_are_of_shapes_with_a_rival(measured: Measurements) -> None:
    assert tables(measured)[RATIOS.format("auto")] == (
        ["shape", "1 seed", "16 seeds"],
        [["rnn B20 T3 H26", "2 [2, 4]", "20"]],
    )


@pytest.mark.parametrize(
    ("engine", "one", "sixteen"),
    [
        ("auto", "1", "0.1 [0.1, 0.2]"),
        ("stacked", "2 [1, 3]", "0.1 [0.1, 0.2]"),
        ("looped", "1 [1, 2]", "1"),
    ],
)
def test_costs_are_of_every_side(measured: Measurements, engine: str, one: str, sixteen: str) -> None:
    assert tables(measured)[COSTS.format(engine)] == (
        ["shape", COMMON, BARE, f"{engine}, 1 seed", f"{engine}, 16 seeds"],
        [
            ["rnn B20 T3 H26", "2 [2, 4]", "0.5 [0.5, 0.8]", one, sixteen],
            ["mine B1 T100 H8", "–", "–", one, sixteen],
        ],
    )


def test_goals_say_whether_they_were_met(measured: Measurements) -> None:
    headings, rows = tables(measured)["Goals"]
    assert headings == ["shape", "goal", "reached", "met"]
    auto = [
        ["auto at most 1.1x the best engine, 1 seed", "1 [0.5, 1]", "yes"],
        ["auto at most 1.1x the best engine, 16 seeds", "1 [0.5, 2]", "yes"],
    ]
    goals = [
        ["16 seeds at least 15x cheaper", "20", "yes"],
        ["1 seed at most 2x a bare loop", "2 [1.2, 2]", "yes"],
    ]
    assert rows == [["rnn B20 T3 H26", *row] for row in [*goals, *auto]] + [["mine B1 T100 H8", *row] for row in auto]
    measured.frames[RNN].loc[measured.frames[RNN]["side"] == BARE, "ms"] = 0.25
    assert [row[3] for row in tables(measured)["Goals"][1]] == ["yes", "no", "yes", "yes", "yes", "yes"]


def test_shares_are_percentages_of_the_whole(measured: Measurements) -> None:
    assert tables(measured)[PROFILE] == (
        ["shape", "forward", "Lightning"],
        [["rnn, 1 seed", "75 %", "25 %"], ["rnn, 16 seeds", "10 %", "90 %"]],
    )


def test_the_floor_is_compared_with_the_cheapest_side(measured: Measurements) -> None:
    assert tables(measured)[FLOOR] == (
        ["shape", "arithmetic, ms", "cheapest, ms", "measured with", "ratio"],
        [
            ["rnn B20 T3 H26", "0.05", "0.1", "stacked, 16 seeds", "2.0x"],
            ["mine B1 T100 H8", "0.001", "0.1", "stacked, 16 seeds", "100.0x"],
        ],
    )


def test_tables_come_in_a_fixed_order(measured: Measurements) -> None:
    costs = [COSTS.format(engine) for engine in ("auto", "stacked", "looped")]
    assert list(tables(measured)) == [RATIOS.format("auto"), "Goals", *costs, PROFILE, FLOOR]


def test_without_profiles_and_rivals_their_tables_are_left_out() -> None:
    alone = Measurements("a GPU", {MINE: frame_of({("auto", 16): [1, 2, 3]})})
    assert list(tables(alone)) == [COSTS.format("auto")]


@pytest.mark.parametrize(
    ("engines", "first", "one", "sixteen"),
    [
        (("stacked",), "stacked", "1 [0.67, 4]", "20 [10, 40]"),
        (("looped",), "looped", "2 [1, 4]", "2 [2, 4]"),
        (("looped", "stacked"), "stacked", "1 [0.67, 4]", "20 [10, 40]"),
        (("stacked", "auto"), "auto", "2 [2, 4]", "20"),
    ],
)
def test_any_engines_can_be_shown(engines: tuple[str, ...], first: str, one: str, sixteen: str) -> None:
    found = measured_with(*engines)
    shown = tables(found)
    assert {engine for engine in ("stacked", "looped", "auto") if COSTS.format(engine) in shown} == set(engines)
    assert shown[RATIOS.format(first)][1] == [["rnn B20 T3 H26", one, sixteen]]
    assert ("Goals" in shown) is ("auto" in engines)
    axes, _ = cost_figure(found).axes
    assert set(engines) <= set(axes.get_legend_handles_labels()[1]) <= {*engines, COMMON, BARE, "arithmetic"}
    assert found.machine in page_text(found, None, "make bench")


def test_a_single_seed_need_not_be_among_the_populations() -> None:
    costs = {side: rounds for side, rounds in POPULATIONS.items() if side[1] > 1}
    rivals: dict[tuple[str, int], list[float]] = {(COMMON, 1): [2, 4, 2], (BARE, 1): [0.5, 0.5, 0.8]}
    found = Measurements("a machine", {RNN: frame_of({**rivals, **costs})})
    shown = tables(found)
    assert shown[RATIOS.format("auto")] == (["shape", "16 seeds"], [["rnn B20 T3 H26", "20"]])
    assert shown[COSTS.format("auto")] == (
        ["shape", COMMON, BARE, "auto, 16 seeds"],
        [["rnn B20 T3 H26", "2 [2, 4]", "0.5 [0.5, 0.8]", "0.1 [0.1, 0.2]"]],
    )
    assert [row[1] for row in shown["Goals"][1]] == [
        "16 seeds at least 15x cheaper",
        "auto at most 1.1x the best engine, 16 seeds",
    ]


def test_markdown_has_headings_a_rule_and_rows() -> None:
    assert markdown_table((["a", "b"], [["1", "2"], ["3", "4"]])) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"


@pytest.mark.parametrize("picture", [None, "images/benchmarks.png"])
def test_the_text_says_by_what_and_where_it_was_measured_and_has_every_table(
    measured: Measurements, picture: str | None
) -> None:
    said = page_text(measured, picture, "make bench")
    first, *others = said.split("\n\n")
    assert first == (
        "Measured by `make bench` on a machine, 1 thread of 2 cores. Medians of 3 rounds [least, greatest]."
    )
    assert [line for line in others if line.startswith("![")] == (
        ["![Cost per seed against the number of seeds](images/benchmarks.png)"] if picture else []
    )
    assert [line for line in others if line.startswith("###")] == [f"### {heading}" for heading in tables(measured)]
    for table in tables(measured).values():
        assert markdown_table(table) in others


def test_the_figure_has_a_panel_per_shape_with_its_medians_and_levels(measured: Measurements) -> None:
    figure = cost_figure(measured)
    assert [axes.get_title() for axes in figure.axes] == ["rnn B20 T3 H26", "mine B1 T100 H8"]
    assert figure.get_suptitle() == "What a seed costs, on a machine, 1 thread of 2 cores"
    levels = [
        {
            line.get_label(): line.get_ydata()[0]
            for line in axes.get_lines()
            if line.get_label() in (COMMON, BARE, "arithmetic")
        }
        for axes in figure.axes
    ]
    assert levels == [{COMMON: 2.0, BARE: 0.5, "arithmetic": 0.05}, {"arithmetic": 0.001}]
    for axes in figure.axes:
        (auto,) = [line for line in axes.get_lines() if line.get_label() == "auto"]
        np.testing.assert_array_equal(auto.get_xydata(), [[1, 1], [16, 0.1]])


@pytest.mark.parametrize("between", ["\n", "\n\nold words\n\n| a | b |\n\n", ""])
@pytest.mark.parametrize(
    ("before", "after"), [("# Title\n\nWritten by people.\n\n", "\n\nAlso – by people.\n"), ("", "")]
)
def test_what_stands_around_the_marks_is_left_alone(tmp_path: Path, before: str, between: str, after: str) -> None:
    target = tmp_path / "page.md"
    target.write_text(f"{before}{BEGIN}{between}{END}{after}")
    replace_measured_part(target, "new words")
    once = target.read_text()
    assert once == f"{before}{BEGIN}\n\nnew words\n\n{END}{after}"
    replace_measured_part(target, "new words")
    assert target.read_text() == once
    check_page(target)


MARKS = f"must have the lines {BEGIN} and {END}, once each"


@pytest.mark.parametrize(
    "content",
    ["", "no marks", BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}", f"{BEGIN}{BEGIN}{END}"],
)
def test_a_page_without_its_marks_is_refused(tmp_path: Path, content: str) -> None:
    target = tmp_path / "page.md"
    target.write_text(content)
    with pytest.raises(InvalidValue) as refused:
        check_page(target)
    assert str(refused.value) == f"page={target}: {MARKS}"
    assert target.read_text() == content


@pytest.mark.parametrize("name", ["nowhere.md", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_page(tmp_path / name)
    assert str(refused.value) == f"page={tmp_path / name}: must be a file, or null"


def test_a_good_page_is_taken(tmp_path: Path) -> None:
    target = tmp_path / "page.md"
    target.write_text(f"above\n{page.BEGIN}\nold\n{page.END}\nbelow\n")
    check_page(target)
    assert target.read_text() == f"above\n{page.BEGIN}\nold\n{page.END}\nbelow\n"
