"""What became slower than the page of benchmarks keeps is named, whatever the machine."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from seqprobe.bench.benchmark import Measurements
from seqprobe.bench.cost_page import BEGIN, END, page_text
from seqprobe.bench.kept_costs import kept_costs, relative_costs, slower_table
from seqprobe.bench.ratios import BARE, COMMON
from seqprobe.bench.shapes import Shape
from seqprobe.checks import InvalidValue

SHAPE = Shape("rnn", 20, 3, 26)


def measured(factor: float = 1.0, **changed: float) -> Measurements:
    """Costs on a machine that is ``factor`` times slower, with some engines' costs of 16 seeds changed."""
    costs = {(COMMON, 1): 2.0, (BARE, 1): 0.5, ("stacked", 1): 1.0, ("stacked", 16): 0.125, ("looped", 16): 0.75}
    costs |= {(side, 16): ms for side, ms in changed.items()}
    rows = [
        {"side": side, "seeds": seeds, "round": turn, "updates": 10, "ms": factor * ms}
        for turn in range(3)
        for (side, seeds), ms in costs.items()
    ]
    return Measurements("a machine", {SHAPE: pd.DataFrame(rows)})


@pytest.fixture
def page(tmp_path: Path) -> Path:
    kept = tmp_path / "benchmarks.md"
    kept.write_text(f"{BEGIN}\n{page_text(measured(), None, 'make bench')}\n{END}\n")
    return kept


def test_costs_are_read_from_the_tables(page: Path) -> None:
    assert kept_costs(page) == {
        ("rnn B20 T3 H26", COMMON, 1): 2.0,
        ("rnn B20 T3 H26", BARE, 1): 0.5,
        ("rnn B20 T3 H26", "stacked", 1): 1.0,
        ("rnn B20 T3 H26", "stacked", 16): 0.125,
        ("rnn B20 T3 H26", "looped", 16): 0.75,
    }


def test_a_slower_machine_makes_nothing_slower(page: Path) -> None:
    costs = relative_costs(measured(3), kept_costs(page))
    assert [(cost.side, cost.seeds, cost.times) for cost in costs] == [
        (COMMON, 1, 1.0),
        ("stacked", 1, 1.0),
        ("stacked", 16, 1.0),
        ("looped", 16, 1.0),
    ]
    assert slower_table(costs)[1] == []


def test_what_became_slower_is_named_the_worst_first(page: Path) -> None:
    costs = relative_costs(measured(3, stacked=0.15, looped=1.5, compiled=9), kept_costs(page))
    assert slower_table(costs)[1] == [
        ["rnn B20 T3 H26", "looped", "16", "3", "1.5", "2.00"],
        ["rnn B20 T3 H26", "stacked", "16", "0.3", "0.25", "1.20"],
    ]
    assert slower_table(relative_costs(measured(stacked=0.14), kept_costs(page)))[1] == []


def test_what_one_round_contradicts_is_not_named(page: Path) -> None:
    found = measured(stacked=0.5)
    frame = found.frames[SHAPE]
    of_stacked = (frame["side"] == "stacked") & (frame["seeds"] == 16)
    for fastest, named in [(0.126, ["stacked"]), (0.125, []), (0.1, [])]:
        frame.loc[of_stacked & (frame["round"] == 0), "ms"] = fastest
        assert [row[1] for row in slower_table(relative_costs(found, kept_costs(page)))[1]] == named


def test_a_page_without_costs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f"{BEGIN}\n{END}\n")
    with pytest.raises(InvalidValue, match=r"against=.*page\.md: must be a page with tables of costs"):
        kept_costs(tmp_path / "page.md")
    with pytest.raises(InvalidValue, match="against"):
        kept_costs(tmp_path / "none.md")
