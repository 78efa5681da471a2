"""Wait for a condition instead of for a time: the only place in the tests that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], awaited: str, seconds: float = 120) -> None:
    """Return as soon as a condition is met.

    Args:
        condition: called every tenth of a second until its result is true.
        awaited: what is waited for, for the error.
        seconds: the longest wait; a busy machine may need minutes for what takes a second.

    Raises:
        TimeoutError: the condition was not met in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:g} s: {awaited}")
        time.sleep(0.1)
