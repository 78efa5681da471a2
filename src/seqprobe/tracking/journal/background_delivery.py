"""Delivery in a thread of its own, so that a training never waits for a server."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from seqprobe.tracking.journal.delivery import Delivery
from seqprobe.tracking.journal.journal import Journal

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from seqprobe.tracking.stores.store import Store

CHECK_SECONDS = 0.5
"""How often a thread whose store is unavailable looks whether it is time to try again."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds in which records are collected until they are sent together: at first, and at most, doubling every time."""


class BackgroundDelivery(Delivery):
    """Sends records in a thread, many entries of the journal at once.

    The journal is the queue: the thread reads from it what it sends next, so memory holds one batch however far a
    server lags behind, and a kill finds on disk what was not sent. Notices and errors of the thread reach the caller's
    thread with its next call, for the caller's channels need not be safe to use from several threads.
    """

    def __init__(self, journal: Journal, store: Store, client: MlflowClient, notice: Callable[[str], None]) -> None:
        super().__init__(journal, store, client, notice)
        self._thread: threading.Thread | None = None
        self._work, self._last, self._is_closing = threading.Event(), threading.Event(), False
        self._notices, self._show = queue.SimpleQueue[str](), notice
        self._problem: Exception | None = None

    def start(self) -> None:
        self.notice = self._notices.put
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self._thread.start()

    def deliver(self) -> bool:
        """Let the thread send what is pending; whether nothing was left."""
        if self._thread is None:
            return super().deliver()
        self._report()
        self._work.set()
        return self.journal.is_sent()

    def finish(self, seconds: float) -> bool:
        """Wait until all is sent, or the store has been unavailable for so many seconds; whether nothing is left."""
        if self._thread is None:
            return super().finish(seconds)
        deadline = time.monotonic() + seconds
        self._last.set()
        while not self.journal.is_sent() and (not self._away or time.monotonic() < deadline):
            self._report()
            self._next_try = 0.0
            if not self._away:
                self._work.set()
            time.sleep(CHECK_SECONDS / 10)
        self.close()
        self._report()
        return self.journal.is_sent()

    def close(self) -> None:
        """End the thread, which completes the request that it has begun."""
        if self._thread is not None:
            self._is_closing = True
            self._last.set()
            self._work.set()
            self._thread.join()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._is_closing:
            self._work.wait(CHECK_SECONDS if self._away else None)
            self._work.clear()
            if self._last.wait(0.0 if self._away else pause) and self._is_closing:
                return
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                super().deliver()
            except Exception as problem:
                self._problem = problem
                return

    def _report(self) -> None:
        """Pass on the thread's notices, and raise its error."""
        while not self._notices.empty():
            self._show(self._notices.get())
        if self._problem is not None:
            raise self._problem
