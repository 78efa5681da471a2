"""End the process on a signal, but never in the middle of an operation that others depend on."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNAL_EXIT_CODE = 128
"""A process that ends on signal n exits with this code plus n."""
received: list[int] = []
"""End signals that this process has received."""
_deferrals: list[object] = []


def install_signal_handlers() -> None:
    """Make Ctrl-C, SIGTERM and a closed terminal raise `SystemExit`, so that every ``with`` on the stack is left.

    Signals that this process already ignores stay ignored.
    """
    for signum in END_SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, handle_signal)


def handle_signal(signum: int, frame: FrameType | None) -> None:
    """Exit, or note the signal where the exit is deferred; later signals are ignored and cannot cut the exit short."""
    for other in END_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    received.append(signum)
    if not _deferrals:
        exit_if_signalled()


def exit_if_signalled() -> None:
    """Exit if a signal was received. Call it repeatedly: Python drops an exit that is raised in a destructor."""
    if received:
        sys.exit(SIGNAL_EXIT_CODE + received[0])


@contextmanager
def deferred_exit() -> Iterator[None]:
    """Complete the block before a signal ends the process: a half-written record would mislead other processes.

    An exception that leaves the block takes precedence over the exit.
    """
    _deferrals.append(None)
    try:
        yield
    finally:
        _deferrals.pop()
        if not _deferrals and received and sys.exc_info()[0] is None:
            exit_if_signalled()
