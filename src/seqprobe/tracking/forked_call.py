"""A call in a fork of this process, for results that this process does not need at once."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import TypeVar

DEATH_SIGNAL = 1
"""Of Linux's ``prctl``: the signal that a process gets when its parent ends."""
PATIENCE = 60.0
"""Seconds for which the result is waited for when this process has nothing else to do."""
T = TypeVar("T")


def has_spare_core() -> bool:
    """Whether a fork of this process may compute beside it: the jobs of a sweep share the cores already."""
    if sys.platform != "linux" or "ray" in sys.modules:  # a fork is unsafe, as beside the threads of Ray, or impossible
        return False
    return multiprocessing.parent_process() is None and len(os.sched_getaffinity(0)) > 1


@contextmanager
def forked_call(function: Callable[[], T]) -> Iterator[Callable[[], T | None]]:
    """Call ``function`` in a fork of this process while the block runs in this one; the fork ends with the block.

    Nothing is pickled but the result. The function must compute and return only: the fork shares files, connections and
    devices with this process.

    Yields:
        What waits for the result; None if the call failed, or no process could be started.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send_result, args=(function, receiver, sender, os.getpid()), daemon=True)
    try:
        with warnings.catch_warnings():
            # Python warns of locks that other threads hold; those here draw a progress bar and send to a server.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
    except OSError:  # no memory, or too many processes
        yield lambda: None
        return
    finally:
        sender.close()
    try:
        yield lambda: received_result(receiver)
    finally:
        process.kill()
        process.join()
        receiver.close()


def received_result(receiver: Connection) -> T | None:
    """The result that a process sends; None if it ends without one, or has none after `PATIENCE`.

    A fork could wait for ever for a lock that another thread held when it was made.
    """
    try:
        if not receiver.poll(PATIENCE):
            return None
        result: T = receiver.recv()
    except (EOFError, OSError):
        return None
    return result


def send_result(function: Callable[[], T], receiver: Connection, sender: Connection, parent: int) -> None:
    """What the fork does; an error is left to its parent, which calls the function itself and sees it."""
    receiver.close()
    gc.freeze()  # what it was forked with belongs to the parent, and collecting it would close connections
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the parent ends this one
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended before it could be watched
        return
    with suppress(Exception):
        sender.send(function())
