"""All sides are planned once and then take turns, and what is measured is milliseconds per seed and update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from seqprobe.bench import benchmark as benchmarks
from seqprobe.bench.benchmark import count_turns
from seqprobe.bench.measure import FEWEST, MOST, measure, planned_updates
from seqprobe.config.compose import Plain


@dataclass
class Fake:
    """A side whose updates take made-up seconds."""

    name: str
    seeds: int
    each: float
    first: float = 0.0
    calls: list[tuple[str, int]] = field(default_factory=list)

    def run(self, updates: int) -> float:
        warming = self.first if not any(name == self.name for name, _ in self.calls) else 0.0
        self.calls.append((self.name, updates))
        return updates * self.each + warming


@pytest.mark.parametrize(
    ("each", "seconds", "planned"),
    [
        (1 / 128, 1.0, 128),
        (1 / 1024, 1.0, 1024),
        (0.25, 1.0, 4),
        (0.25, 0.01, FEWEST),
        (10.0, 1.0, FEWEST),
        (1e-6, 1.0, MOST),
        (1e-9, 5.0, MOST),
    ],
)
def test_as_many_updates_are_planned_as_take_so_long(each: float, seconds: float, planned: int) -> None:
    assert planned_updates(Fake("a", 1, each), seconds) == planned


@pytest.mark.parametrize(
    ("each", "looks"),
    [(0.25, []), (0.125, [8]), (0.0625, [16]), (1 / 32, [20]), (1 / 64, [20, 64]), (1 / 256, [20, 200])],
)
def test_runs_get_longer_until_one_is_half_as_long_as_wanted(each: float, looks: list[int]) -> None:
    side = Fake("a", 1, each)
    planned_updates(side, 1.0)
    assert [updates for _, updates in side.calls] == [FEWEST, *(size for size in [FEWEST, *looks] for _ in range(2))]


def test_a_runs_own_beginning_and_end_are_not_planned_by() -> None:
    class WithBeginning(Fake):
        def run(self, updates: int) -> float:
            return 0.125 + super().run(updates)

    assert planned_updates(WithBeginning("a", 1, 1 / 1024), 1.0) == 803  # by 466 that took 0.58 seconds


@pytest.mark.parametrize("interrupted", range(7))
def test_one_interruption_is_not_planned_by(interrupted: int) -> None:
    class Interrupted(Fake):
        def run(self, updates: int) -> float:
            return (0.75 if len(self.calls) == interrupted else 0.0) + super().run(updates)

    side = Interrupted("a", 1, 1 / 128)
    assert planned_updates(side, 1.0) == 128
    assert len(side.calls) == 7


def test_compiling_in_the_first_run_is_not_planned_by() -> None:
    assert planned_updates(Fake("a", 1, 0.0001, first=5.0), 1.0) == pytest.approx(MOST, rel=0.1)


def test_no_look_makes_more_updates_than_a_measurement_may() -> None:
    side = Fake("a", 1, 1e-9)
    planned_updates(side, 1.0)
    assert max(updates for _, updates in side.calls) <= MOST


def three_sides() -> tuple[list[Fake], list[tuple[str, int]]]:
    calls: list[tuple[str, int]] = []
    costs = [("common", 1, 0.1), ("auto", 4, 0.02), ("auto", 16, 0.05)]
    return [Fake(name, seeds, each, calls=calls) for name, seeds, each in costs], calls


def test_all_sides_take_turns_round_by_round() -> None:
    sides, calls = three_sides()
    measure(sides, 3, 1.0, lambda name: None)
    looks = [[2, 2, 2, 10, 10], [2, 2, 2, 20, 20, 50, 50], [2, 2, 2, 20, 20]]
    planning = [(side.name, updates) for side, each in zip(sides, looks, strict=True) for updates in each]
    assert calls == planning + [("common", 10), ("auto", 50), ("auto", 20)] * 3


def test_rows_are_milliseconds_per_seed_and_update() -> None:
    sides, _ = three_sides()
    frame = measure(sides, 2, 1.0, lambda name: None)
    assert list(frame.columns) == ["side", "seeds", "round", "updates", "ms"]
    rows = [("common", 1, 10, 100.0), ("auto", 4, 50, 5.0), ("auto", 16, 20, 3.125)]
    expected = [(side, seeds, turn, updates, ms) for turn in range(2) for side, seeds, updates, ms in rows]
    assert [row[:4] for row in frame.itertuples(index=False, name=None)] == [row[:4] for row in expected]
    assert frame["ms"].tolist() == pytest.approx([row[4] for row in expected])


@pytest.mark.parametrize("rounds", [1, 4])
def test_every_turn_is_told(rounds: int) -> None:
    sides, _ = three_sides()
    told: list[str] = []
    measure(sides, rounds, 1.0, told.append)
    assert told == ["common", "auto", "auto"] * (1 + rounds)


def test_a_turn_is_told_when_it_is_over() -> None:
    sides, calls = three_sides()
    made: list[int] = []
    measure(sides, 2, 1.0, lambda name: made.append(len(calls)))
    assert all(before < after for before, after in pairwise([0, *made]))
    assert made[-1] == len(calls)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["rounds=1", "seeds=[1,2]", "engines=[auto]"], (2 + 2) * 2),
        (["rounds=3", "seeds=[1,2,4]", "engines=[stacked,looped,auto]"], (2 + 9) * 4),
        (["+model@models.two=lstm2", "rounds=1", "seeds=[5]", "engines=[auto]"], (2 + 1 + 1) * 2),
    ],
)
def test_as_many_turns_are_told_as_were_announced(
    composed: Callable[..., Plain], monkeypatch: pytest.MonkeyPatch, overrides: list[str], expected: int
) -> None:
    shapes = ["{model: rnn, batch: 2, time: 3, hidden: 4}"]
    shapes += ["{model: two, batch: 2, time: 3, hidden: 4}"] if "two" in overrides[0] else []
    config = composed(f"shapes=[{', '.join(shapes)}]", "seconds=0.01", *overrides)
    for side in ("CommonWay", "BareLoop"):
        monkeypatch.setattr(benchmarks, side, lambda *args, name=side: Fake(name, 1, 0.01))
    monkeypatch.setattr(benchmarks, "Populations", lambda config, shape, seeds, engine, opened: Fake(engine, seeds, 1))
    monkeypatch.setattr(benchmarks.ShapeBenchmark, "profiles", lambda self, frame: {})
    told: list[str] = []
    measured = benchmarks.benchmark(config, told.append)
    assert len(told) == count_turns(config) == expected
    assert {words.partition("  ")[0] for words in told} == {str(shape) for shape in measured.frames}
    assert list(measured.floors) == list(measured.frames)
    assert list(measured.frame.columns) == ["shape", "side", "seeds", "round", "updates", "ms"]
    assert len(measured.frame) == expected * config["rounds"] // (config["rounds"] + 1)
