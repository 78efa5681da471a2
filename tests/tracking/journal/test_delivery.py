"""While a store is unavailable, its records are kept, and later sent in order, once."""

from __future__ import annotations

import time as times
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seqprobe.tracking.journal import delivery as deliveries
from seqprobe.tracking.journal.delivery import LONGEST_RETRY, RETRY_SECONDS, Delivery
from seqprobe.tracking.journal.entries import end, metrics
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.metric_rows import Value


class Store:
    """A store that may be unavailable, and remembers what it was told."""

    uri = "http://there"

    def __init__(self) -> None:
        self.unavailable = False
        self.received: list[Any] = []
        self.tries = 0

    def is_unavailable(self, problem: Exception) -> bool:
        return isinstance(problem, ConnectionError)

    def describe_absence(self, problem: Exception) -> str:
        return "does not respond"

    def log_metrics(self, client: Any, values: Any) -> None:
        self.reach(values["run"][0].step)

    def set_terminated(self, run: str, status: str, at: int) -> None:
        self.reach(status)

    def reach(self, what: Any) -> None:
        self.tries += 1
        if self.unavailable:
            raise ConnectionError("refused")
        if what == "broken":
            raise ValueError("a bug")
        self.received.append(what)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=100.0)

    def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(deliveries, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    return clock


def at(step: int) -> Any:
    return metrics({"run": [Value("val/loss", 1.0, 5, step)]})


def delivery(folder: Path) -> tuple[Delivery, Store, list[str]]:
    store, said = Store(), list[str]()
    return Delivery(Journal(folder), store, store, said.append), store, said  # type: ignore[arg-type]  # a stand-in


def test_all_is_told_in_order_once(tmp_path: Path, clock: SimpleNamespace) -> None:
    sender, store, said = delivery(tmp_path)
    sender.send(at(1))
    store.unavailable = True
    for step in (2, 3):
        sender.send(at(step))
    assert store.received == [1]
    store.unavailable = False
    sender.send(at(4))
    assert store.received == [1]  # it is not asked again at once
    clock.now += RETRY_SECONDS
    sender.send(at(5))
    assert store.received == [1, 2, 3, 4, 5]
    assert sender.finish(0)
    assert store.received == [1, 2, 3, 4, 5]
    assert said == [
        f"http://there does not respond; its records wait in {tmp_path}",
        "http://there responds again; all records were delivered",
    ]


def test_a_store_that_stays_unavailable_is_asked_more_and_more_seldom(tmp_path: Path, clock: SimpleNamespace) -> None:
    sender, store, _ = delivery(tmp_path)
    store.unavailable = True
    for step in range(1000):
        clock.now += 0.5
        sender.send(at(step))
    most = 500 / LONGEST_RETRY + 6
    assert most / 2 < store.tries < most


def test_the_end_waits_for_a_while(tmp_path: Path, clock: SimpleNamespace) -> None:
    sender, store, _ = delivery(tmp_path)
    store.unavailable = True
    sender.send(end(["run"], "FINISHED", 5))
    begun = clock.now
    assert not sender.finish(10)
    assert 10 <= clock.now - begun < 11
    assert not sender.journal.is_sent()
    store.unavailable = False
    assert sender.finish(10)
    assert store.received == ["FINISHED"]


def test_what_is_no_absence_is_raised(tmp_path: Path) -> None:
    sender, store, said = delivery(tmp_path)
    with pytest.raises(ValueError, match="a bug"):
        sender.send(end(["run"], "broken", 5))
    assert store.received == said == []
    assert times.monotonic() > 0
