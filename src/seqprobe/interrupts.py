"""End the process on a signal, but never in the middle of an operation that others depend on."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from seqprobe.failure import JobFailed

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNAL_EXIT_CODE = 128
"""A process that ends on signal n exits with this code plus n."""
received: list[int] = []
"""End signals that this process has received."""
_deferrals: list[object] = []


@contextmanager
def handled_signals() -> Iterator[None]:
    """Make Ctrl-C, SIGTERM and a closed terminal raise `SystemExit` in the block, so that every ``with`` in it is left.

    After the outermost of nested blocks, signals do what they did before. A Ctrl-C leaves it as `KeyboardInterrupt`, so
    that a notebook is interrupted rather than ended. Signals that this process ignores stay ignored. Python delivers
    signals to the main thread alone; in another one, this does nothing.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed in the block.
        SystemExit: another signal was received.
    """
    before = {signum: signal.getsignal(signum) for signum in END_SIGNALS}
    if not is_main_thread() or handle_signal in before.values():
        yield
        return
    for signum, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(signum, handle_signal)
    try:
        yield
        exit_if_signalled()
    except SystemExit:
        if received[:1] == [signal.SIGINT]:
            raise KeyboardInterrupt from None
        raise
    finally:
        received.clear()
        for signum, handler in before.items():
            signal.signal(signum, handler)


def ignore_signals() -> None:
    """Let no further signal cut short what is left of a process that ends."""
    if is_main_thread():
        for signum in END_SIGNALS:
            signal.signal(signum, signal.SIG_IGN)


@contextmanager
def refused_exits() -> Iterator[None]:
    """Turn an exit that no signal caused into an error: code that a config names must not end the process.

    Raises:
        JobFailed: the block raised `SystemExit`.
    """
    try:
        yield
    except SystemExit as end:
        if received or is_signals_exit(end):
            raise
        last = traceback.extract_tb(end.__traceback__)[-1]
        place = f"{last.filename}, line {last.lineno}"
        raise JobFailed(f"{place}: this code ends the process (SystemExit: {end.code}); let it raise an error") from end


def is_signals_exit(end: SystemExit) -> bool:
    """Whether an exit has the code of one that a signal caused."""
    return isinstance(end.code, int) and end.code > SIGNAL_EXIT_CODE


def is_main_thread() -> bool:
    """Whether signals can interrupt this thread."""
    return threading.current_thread() is threading.main_thread()


def handle_signal(signum: int, frame: FrameType | None) -> None:
    """Exit, or note the signal where the exit is deferred; later signals are ignored and cannot cut the exit short."""
    ignore_signals()
    received.append(signum)
    if not _deferrals:
        exit_if_signalled()


def exit_if_signalled() -> None:
    """Exit if a signal was received. Call it repeatedly: Python drops an exit that is raised in a destructor."""
    if received and is_main_thread():
        sys.exit(SIGNAL_EXIT_CODE + received[0])


@contextmanager
def deferred_exit() -> Iterator[None]:
    """Complete the block before a signal ends the process: a half-written record would mislead other processes.

    An exception that leaves the block takes precedence over the exit.
    """
    if not is_main_thread():  # no signal interrupts it
        yield
        return
    _deferrals.append(None)
    try:
        yield
    finally:
        _deferrals.pop()
        if not _deferrals and received and sys.exc_info()[0] is None:
            exit_if_signalled()
