"""A store that may hang or be unavailable, and remembers what it received."""

from __future__ import annotations

import threading
from typing import Any


class PretendStore:
    """Also stands in for its client.

    Attributes:
        free: cleared while the store hangs.
        reached: set as soon as the store has been called.
        received: the steps of metrics and the status of ends, in order; an end with the status ``broken`` is an error.
        tries: how often it was called.
    """

    uri = "http://there"
    batch_bytes = 0

    def __init__(self) -> None:
        self.unavailable = False
        self.reached, self.free = threading.Event(), threading.Event()
        self.free.set()
        self.received: list[Any] = []
        self.tries = 0

    def is_unavailable(self, problem: Exception) -> bool:
        return isinstance(problem, ConnectionError)

    def describe_absence(self, problem: Exception) -> str:
        return "does not respond"

    def log_metrics(self, client: Any, values: Any) -> None:
        self.receive(values["run"][0].step)

    def set_terminated(self, run: str, status: str, at: int) -> None:
        self.receive(status)

    def receive(self, what: Any) -> None:
        self.tries += 1
        self.reached.set()
        assert self.free.wait(60)
        if self.unavailable:
            raise ConnectionError("refused")
        if what == "broken":
            raise ValueError("a bug")
        self.received.append(what)
