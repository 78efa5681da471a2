"""A part's clock counts its own time alone, all parts add up to the whole, and every patch is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from seqprobe.bench import profile
from seqprobe.bench.clocks import Clocks
from seqprobe.bench.profile import PARTS, seconds_by_part
from seqprobe.bench.shapes import Shape
from seqprobe.bench.sides import Populations, Stopwatch
from seqprobe.config.compose import Plain


class Clock:
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def pass_by(self, seconds: float) -> None:
        self.now += seconds

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(profile, "Clocks", lambda: Clocks(clock.time))
    return clock


def test_a_part_does_not_count_what_it_calls(clock: Clock) -> None:
    clocks = Clocks(clock.time)
    with clocks.running("outer"):
        clock.pass_by(1)
        with clocks.running("middle"):
            clock.pass_by(2)
            with clocks.running("inner"):
                clock.pass_by(4)
            clock.pass_by(8)
        with clocks.running("inner"):
            clock.pass_by(16)
        clock.pass_by(32)
    clock.pass_by(64)
    assert clocks.seconds == {"outer": 33, "middle": 10, "inner": 20}


def test_a_part_that_calls_itself_is_counted_once(clock: Clock) -> None:
    clocks = Clocks(clock.time)
    with clocks.running("a"):
        clock.pass_by(1)
        with clocks.running("a"):
            clock.pass_by(2)
    assert clocks.seconds == {"a": 3}


def test_an_error_ends_the_clock(clock: Clock) -> None:
    clocks = Clocks(clock.time)

    def fails() -> None:
        clock.pass_by(2)
        raise ValueError("no")

    with clocks.running("outer"):
        with pytest.raises(ValueError, match="no"):
            clocks.wrap("inner", fails)()
        clock.pass_by(1)
    assert clocks.seconds == {"outer": 1, "inner": 2}


def test_a_timed_function_is_called_and_answers_as_before(clock: Clock) -> None:
    def add(left: int, right: int = 1) -> int:
        """Adds."""
        clock.pass_by(3)
        return left + right

    clocks = Clocks(clock.time)
    timed = clocks.wrap("adding", add)
    assert (timed(2), timed(2, right=5), timed.__name__, timed.__doc__) == (3, 7, "add", "Adds.")
    assert clocks.seconds == {"adding": 6}


def test_a_generator_is_timed_while_each_item_is_made(clock: Clock) -> None:
    def items() -> Iterator[int]:
        for item in range(3):
            clock.pass_by(2)
            yield item
        clock.pass_by(1)

    clocks = Clocks(clock.time)
    with clocks.running("outer"):
        seen = []
        for item in clocks.wrap("items", items)():
            clock.pass_by(10)
            seen.append(item)
    assert seen == [0, 1, 2]
    assert clocks.seconds == {"items": 7, "outer": 30}


def patched() -> list[object]:
    """Every function that a profile puts its clocks around."""
    functions = [(owner, function.__name__) for places in PARTS.values() for owner, function in places]
    return [vars(owner).get(name) for owner, name in [*functions, (Stopwatch, "on_train_start")]]


def test_only_what_the_stopwatch_times_counts(clock: Clock) -> None:
    (owner, function), *_ = PARTS["recording"]
    name = function.__name__

    def run() -> float:
        told = getattr(owner, name)
        stand_in = SimpleNamespace(history={}, recorder=SimpleNamespace(record_metrics=metrics))
        told(stand_in, 1, {})
        Stopwatch().on_train_start(SimpleNamespace(), SimpleNamespace(device=SimpleNamespace(type="cpu")))
        told(stand_in, 2, {})
        clock.pass_by(5)
        return 7.0

    def metrics(step: int, values: object) -> None:
        clock.pass_by(2)

    nothing = dict.fromkeys(PARTS, 0.0)
    assert seconds_by_part(run) == nothing | {"recording": 2.0, "Lightning": 5.0}


def test_patches_are_undone_afterwards_whatever_happens() -> None:
    before = patched()
    seen: list[list[object]] = []

    def run() -> float:
        seen.append(patched())
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        seconds_by_part(run)
    assert all(during is not own for during, own in zip(seen[0], before, strict=True))
    assert patched() == before


@pytest.mark.parametrize("engine", ["stacked", "looped"])
def test_the_parts_of_a_real_training_add_up_to_the_whole(composed: Callable[..., Plain], engine: str) -> None:
    wholes: list[float] = []
    before = patched()
    with ExitStack() as opened:
        side = Populations(composed("trainer.val_every=3"), Shape("lstm", 2, 3, 4), 2, engine, opened)

        def run() -> float:
            wholes.append(side.run(9))
            return wholes[-1]

        found = seconds_by_part(run)
    assert list(found) == [*PARTS, "Lightning"]
    assert sum(found.values()) == pytest.approx(wholes[0])
    assert all(seconds > 0 for seconds in found.values())
    assert patched() == before
