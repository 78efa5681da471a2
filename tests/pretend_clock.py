"""A clock that a test sets, in place of the module `time` in the code that is tested."""

from __future__ import annotations


class PretendClock:
    """Seconds that pass only where a test, or the code that it tests, lets them pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
