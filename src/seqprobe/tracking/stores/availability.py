"""What a training cannot begin without is asked of a store until it responds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from seqprobe.checks import InvalidValue
from seqprobe.interrupts import exit_if_signalled

if TYPE_CHECKING:
    from seqprobe.learning.recorder import Notice
    from seqprobe.tracking.stores.store import Store

FIRST_WAIT, LONGEST_WAIT = 1.0, 16.0
"""Seconds after which a store that does not respond is tried again: at first, and at most, doubling every time."""
PATIENCE = 180.0
"""Seconds for which a store is waited for: without runs there is nothing that a training could be recorded to."""
T = TypeVar("T")


class StoreUnavailable(InvalidValue):
    """A store that does not respond now, but may later."""


def when_available(store: Store, call: Callable[[], T], notice: Notice, again: Callable[[], T] | None = None) -> T:
    """The result of a call to a store, which is repeated while the store does not respond.

    Args:
        notice: called with a line of text if the store has to be waited for.
        again: what is called instead from the second time on.

    Raises:
        InvalidValue: the store has not responded for `PATIENCE`.
    """
    begun, wait = time.monotonic(), FIRST_WAIT
    while True:
        try:
            return call()
        except Exception as problem:
            if not store.is_unavailable(problem):
                raise
            if time.monotonic() - begun > PATIENCE:
                allowed = "does not respond; run the same command again once it does"
                raise InvalidValue("tracking", store.uri, allowed) from problem
        if wait == FIRST_WAIT:
            notice(f"{store.uri} does not respond; waiting for it")
        for _ in range(int(wait)):
            exit_if_signalled()
            time.sleep(1)
        call, wait = again or call, min(2 * wait, LONGEST_WAIT)
