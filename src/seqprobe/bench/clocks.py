"""Clocks around functions: the seconds of every part of a program, each without those of the parts that it calls."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Clocks:
    """Seconds by part; a part that calls another does not count the other's.

    Args:
        now: the time in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    @contextmanager
    def running(self, part: str) -> Iterator[None]:
        """Count for ``part`` until the end of the block."""
        start = self._now()
        self._inner.append(0.0)
        try:
            yield
        finally:
            elapsed = self._now() - start
            self.seconds[part] += elapsed - self._inner.pop()
            if self._inner:
                self._inner[-1] += elapsed

    def wrap(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with its calls timed; if it is a generator, with each of its steps timed."""

        @functools.wraps(function)
        def timed_call(*args: Any, **kwargs: Any) -> Any:
            with self.running(part):
                result = function(*args, **kwargs)
            return self.wrap_steps(part, result) if isinstance(result, Iterator) else result

        return timed_call

    def wrap_steps(self, part: str, items: Iterator[Any]) -> Iterator[Any]:
        """The items of a generator, with the making of each timed."""
        while True:
            with self.running(part):
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item
