"""Locks on members: of one machine's processes, only one at a time trains the seeds of a training."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from seqprobe.learning.recorder import Notice

FOLDER = "claims"
"""Of the lock files, in the folder of the workspaces; earlier versions use it too, and see each other's locks there."""
LARGEST_OFFSET = 2**62
"""Seeds beyond it share the locks of smaller ones: file offsets are 63-bit integers."""
_thread_lock = threading.Lock()
"""Of this process, only one thread at a time holds locks: the system gives a process's locks to all of its threads, and
releases them when one thread closes the file. Nor could two threads train at once, which share torch's generator."""


@contextlib.contextmanager
def locked_members(work: Path, training_hash: str, seeds: Sequence[int], notice: Notice | None) -> Iterator[bool]:
    """Hold the locks of a training's members; yields whether it got them.

    A member's lock is one byte of a file. The system releases it when the process ends, however it ends.

    Args:
        work: the folder of the workspaces.
        training_hash: the hash that the members' trainings share.
        notice: called with a line of text if another process or thread has to be waited for; None does not wait.
    """
    folder = work / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with held_by_this_thread(notice) as is_held:
        if not is_held:
            yield False
            return
        with (folder / training_hash).open("ab") as file:
            free = lock_members(file, seeds, wait=False)
            if not free and notice is not None:
                notice("another process is training some of these members: waiting until it ends")
                free = lock_members(file, seeds, wait=True)
            yield free


@contextlib.contextmanager
def held_by_this_thread(notice: Notice | None) -> Iterator[bool]:
    """Let one thread of this process at a time lock members; yields whether it is this one."""
    is_held = _thread_lock.acquire(blocking=False)
    if not is_held and notice is not None:
        notice("another thread of this process is training: waiting until it ends")
        is_held = _thread_lock.acquire()
    try:
        yield is_held
    finally:
        if is_held:
            _thread_lock.release()


def lock_members(file: BinaryIO, seeds: Sequence[int], wait: bool) -> bool:
    """Lock a byte per seed; false, and none is locked, if another process holds one.

    The ascending order keeps two processes from waiting for each other.
    """
    for seed in sorted(seeds):
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, seed % LARGEST_OFFSET, os.SEEK_SET)
        except BlockingIOError:
            fcntl.lockf(file, fcntl.LOCK_UN)
            return False
    return True
