"""A store that goes away while runs are opened is waited for, and no run is opened twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pretend_clock import PretendClock

from seqprobe.checks import InvalidValue
from seqprobe.tracking.description import Description
from seqprobe.tracking.opened_runs import open_runs
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores import availability
from seqprobe.tracking.stores.availability import LONGEST_WAIT, PATIENCE, when_available
from seqprobe.tracking.stores.embedded import EmbeddedStore


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PretendClock:
    clock = PretendClock()
    monkeypatch.setattr(availability, "time", clock)
    return clock


class Leaving(EmbeddedStore):
    """A store that does not respond to some of the calls that open runs; every other answer is lost."""

    def __init__(self, folder: Path, away: int) -> None:
        super().__init__(str(folder))
        self.calls, self.away = 0, away

    def is_unavailable(self, problem: Exception) -> bool:
        return isinstance(problem, ConnectionError)

    def client(self) -> Any:
        client = super().client()
        create = client.create_run

        def create_run(*args: Any, **settings: Any) -> Any:
            self.calls += 1
            if self.calls % 3 == 1 and self.calls <= self.away:
                raise ConnectionError("refused")
            run = create(*args, **settings)
            if self.calls % 3 == 2 and self.calls <= self.away:
                raise ConnectionError("the answer was lost")
            return run

        client.create_run = create_run
        return client


@pytest.mark.parametrize("away", [0, 1, 2, 5])
def test_no_run_is_opened_twice(away: int, tmp_path: Path, clock: PretendClock) -> None:
    store, said = Leaving(tmp_path, away), list[str]()
    opened = list(open_runs(store, Description("e", "rnn", [4, 7], {}), "a" * 32, {}, said.append))
    names = {run.run_id: run.name for run in store.search(RunFilter())}
    assert len(names) == len(opened) == 3
    assert [names[run] for run in opened] == ["rnn · 2 seeds", "rnn · seed 4", "rnn · seed 7"]
    assert said == [f"{store.uri} does not respond; waiting for it"] * len(said)
    assert bool(said) is (away > 0)


def test_runs_of_an_earlier_version_are_opened_again_whatever_precedes_their_seed(tmp_path: Path) -> None:
    store = EmbeddedStore(str(tmp_path))
    before = list(open_runs(store, Description("e", "rnn", [4, 7], {}), "a" * 32, {}, print))
    named = Description("e", "rnn · lag=20", [4, 7], {})
    assert list(open_runs(store, named, "a" * 32, store.runs_of_attempt("a" * 32), print)) == before


def test_the_wait_ends(tmp_path: Path, clock: PretendClock) -> None:
    store, said = Leaving(tmp_path, 0), list[str]()

    def refused() -> None:
        raise ConnectionError("refused")

    with pytest.raises(InvalidValue, match="does not respond; run the same command again once it does"):
        when_available(store, refused, said.append)
    assert PATIENCE < clock.now - 1000 <= PATIENCE + LONGEST_WAIT
    assert said == [f"{store.uri} does not respond; waiting for it"]


def test_other_errors_are_raised_at_once(tmp_path: Path, clock: PretendClock) -> None:
    with pytest.raises(ZeroDivisionError):
        when_available(Leaving(tmp_path, 0), lambda: 1 / 0, print)
    assert clock.now == 1000
