"""A thread delivers: nobody waits for a server, and all arrives in order, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pretend_store import PretendStore
from waiting import wait_until

from seqprobe.tracking.journal import background_delivery as deliveries
from seqprobe.tracking.journal.background_delivery import BackgroundDelivery
from seqprobe.tracking.journal.entries import end, metrics
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.metric_rows import Value


class Sender:
    """A started delivery with its store, and the threads in which its notices were shown."""

    def __init__(self, folder: Path) -> None:
        self.store, self.journal = PretendStore(), Journal(folder)
        self.notices: list[tuple[str, str]] = []
        self.delivery = BackgroundDelivery(self.journal, self.store, self.store, self.show)  # type: ignore[arg-type]  # a stand-in
        self.delivery.start()

    def show(self, text: str) -> None:
        self.notices.append((threading.current_thread().name, text))

    def send(self, *steps: int) -> None:
        for step in steps:
            self.delivery.send(metrics({"run": [Value("val/loss", 1.0, 5, step)]}))


@pytest.fixture
def sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    monkeypatch.setattr(deliveries, "CHECK_SECONDS", 0.02)
    monkeypatch.setattr(deliveries, "FIRST_PAUSE", 0.0)
    sender = Sender(tmp_path)
    yield sender
    sender.store.free.set()
    sender.delivery.close()


def test_nobody_waits_for_a_store_that_hangs(sender: Sender, tmp_path: Path) -> None:
    sender.store.free.clear()
    sender.send(1)
    assert sender.store.reached.wait(60)
    sender.send(*range(2, 50))
    assert sender.store.received == []
    assert len(list(Journal(tmp_path).pending())) == 49  # what another process finds after a kill
    sender.store.free.set()
    assert sender.delivery.finish(10)
    assert sender.store.received == list(range(1, 50))
    assert (sender.store.tries, sender.notices) == (49, [])


def test_an_absence_and_its_end_are_reported_once_each_to_the_caller(sender: Sender, tmp_path: Path) -> None:
    sender.store.unavailable = True
    sender.send(1)
    wait_until(lambda: sender.store.tries, "the first try")
    for step in range(2, 20):
        sender.send(step)
    sender.store.unavailable = False
    assert sender.delivery.finish(10)
    assert sender.store.received == list(range(1, 20))
    assert sender.notices == [
        ("MainThread", f"http://there does not respond; its records wait in {tmp_path}"),
        ("MainThread", "http://there responds again; all records were delivered"),
    ]


def test_the_end_waits_for_a_while_and_leaves_the_rest(sender: Sender, tmp_path: Path) -> None:
    sender.store.unavailable = True
    sender.send(1, 2)
    assert not sender.delivery.finish(0.1)
    tries = sender.store.tries
    assert 1 <= tries < 30
    assert len(list(Journal(tmp_path).pending())) == 2
    sender.delivery.deliver()
    assert sender.store.tries == tries  # the thread has ended


def test_an_error_of_the_thread_reaches_the_caller(sender: Sender) -> None:
    sender.delivery.send(end(["run"], "broken", 5))
    with pytest.raises(ValueError, match="a bug"):
        sender.delivery.finish(10)
    with pytest.raises(ValueError, match="a bug"):
        sender.send(1)


def test_a_line_that_is_being_written_is_left_for_later(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(end(["run"], "FINISHED", 5))
    with journal.journal.open("ab") as file:
        file.write(b'{"kind": "en')
    assert [entry["kind"] for entry in journal.pending()] == ["end"]
