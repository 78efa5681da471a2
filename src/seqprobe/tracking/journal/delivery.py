"""Delivery from a journal to a store: at once while the store responds, else retried until it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from seqprobe.interrupts import deferred_exit
from seqprobe.tracking.journal.entries import files, send_all
from seqprobe.tracking.journal.entry_lines import Entry
from seqprobe.tracking.journal.journal import Journal

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from seqprobe.tracking.stores.store import Store

RETRY_SECONDS, LONGEST_RETRY = 2.0, 30.0
"""How long an unavailable store is left alone: at first, and at most, doubling every time."""


class Delivery:
    """Sends records to a store in order, by way of a journal.

    Args:
        notice: called with a line of text when the store is unavailable, and when it is back.
    """

    def __init__(self, journal: Journal, store: Store, client: MlflowClient, notice: Callable[[str], None]) -> None:
        self.journal, self.store, self.client, self.notice = journal, store, client, notice
        self._away, self._next_try, self._wait = False, 0.0, RETRY_SECONDS

    def start(self) -> None:
        """Begin to send without being called, if this delivery does."""

    def close(self) -> None:
        """Send nothing more without being called."""

    def send(self, entry: Entry) -> None:
        """Append an entry to the journal, and send it as soon as the store responds."""
        with deferred_exit():
            self.journal.append(entry)
            self.deliver()

    def send_files(self, run: str, contents: Mapping[str, bytes]) -> None:
        """Keep artifacts of a run, by their paths, in the journal, and send them as soon as the store responds."""
        with deferred_exit():
            self.send(files(run, self.journal.add_files(contents)))

    def deliver(self) -> bool:
        """Send what is pending, unless the store was unavailable a moment ago; whether nothing is left."""
        if time.monotonic() < self._next_try:
            return False
        try:
            send_all(self.journal, self.store, self.client)
        except Exception as problem:
            if not self.store.is_unavailable(problem):
                raise
            if not self._away:
                absence = self.store.describe_absence(problem)
                self.notice(f"{self.store.uri} {absence}; its records wait in {self.journal.folder}")
            self._away, self._next_try = True, time.monotonic() + self._wait
            self._wait = min(2 * self._wait, LONGEST_RETRY)
            return False
        if self._away:
            self.notice(f"{self.store.uri} responds again; all records were delivered")
        self._away, self._next_try, self._wait = False, 0.0, RETRY_SECONDS
        return True

    def finish(self, seconds: float) -> bool:
        """Send what is pending, trying for so many seconds; whether nothing is left."""
        deadline = time.monotonic() + seconds
        while True:
            self._next_try = 0.0
            if self.deliver():
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.5)
