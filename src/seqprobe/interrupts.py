"""Requests to end this process, which wait until what must not be cut in two is done."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALLED = 128
"""Exit codes above it are of processes that a signal asked to end."""
asked: list[int] = []
"""Signals that have asked this process to end."""
_inside: list[object] = []


def end_on_signals() -> None:
    """Let Ctrl-C, a request to end, or a closed terminal run through every ``with`` on the way out.

    What this process was told to ignore stays ignored.
    """
    for signum in ENDING:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, terminate)


def terminate(signum: int, frame: FrameType | None) -> None:
    """Turn a signal into an exit; a second one cannot cut that short."""
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    asked.append(signum)
    if not _inside:
        heed()


def heed() -> None:
    """Exit, if a signal has asked for it: Python drops what is raised in a destructor, so it is asked again later."""
    if asked:
        sys.exit(SIGNALLED + asked[0])


@contextmanager
def whole() -> Iterator[None]:
    """Do something to its end before a signal is heeded: what tells others of a run must not stop half-way."""
    _inside.append(None)
    try:
        yield
    finally:
        _inside.pop()
        if not _inside and asked and sys.exc_info()[0] is None:
            heed()
