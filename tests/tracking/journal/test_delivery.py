"""While a store is unavailable, its records are kept, and later sent in order, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pretend_clock import PretendClock
from pretend_store import PretendStore

from seqprobe.tracking.journal import delivery as deliveries
from seqprobe.tracking.journal.delivery import LONGEST_RETRY, RETRY_SECONDS, Delivery
from seqprobe.tracking.journal.entries import end, metrics
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.metric_rows import Value


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PretendClock:
    clock = PretendClock()
    monkeypatch.setattr(deliveries, "time", clock)
    return clock


def at(step: int) -> Any:
    return metrics({"run": [Value("val/loss", 1.0, 5, step)]})


def delivery(folder: Path) -> tuple[Delivery, PretendStore, list[str]]:
    store, said = PretendStore(), list[str]()
    return Delivery(Journal(folder), store, store, said.append), store, said  # type: ignore[arg-type]  # a stand-in


def test_all_is_told_in_order_once(tmp_path: Path, clock: PretendClock) -> None:
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


def test_a_store_that_stays_unavailable_is_asked_more_and_more_seldom(tmp_path: Path, clock: PretendClock) -> None:
    sender, store, _ = delivery(tmp_path)
    store.unavailable = True
    for step in range(1000):
        clock.now += 0.5
        sender.send(at(step))
    most = 500 / LONGEST_RETRY + 6
    assert most / 2 < store.tries < most


def test_the_end_waits_for_a_while(tmp_path: Path, clock: PretendClock) -> None:
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
