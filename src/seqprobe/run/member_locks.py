"""Locks on members: only one process at a time trains the seeds of a training, on one machine and on several.

On one machine these are locks of the system, which it releases when a process ends, however it ends. Machines that
share the folder of workspaces, or a server, see each other's leases (`seqprobe.tracking.leases`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from seqprobe.learning.recorder import Notice
from seqprobe.run.workspace import Workspace
from seqprobe.scoring import Tag
from seqprobe.tracking.leases.lease import Lease, leased_members
from seqprobe.tracking.leases.lease_folder import LeaseFolder
from seqprobe.tracking.leases.lease_models import LeaseModels, keeps_no_leases
from seqprobe.tracking.leases.lease_time import LEASE_SECONDS
from seqprobe.tracking.process_identity import boot_id, is_alive, process_tags
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.databases import network_file_system
from seqprobe.tracking.stores.server import ServerStore
from seqprobe.tracking.stores.store import Store

FOLDER = "claims"
"""Of the lock files, in the folder of the workspaces; earlier versions use it too, and see each other's locks there."""
LEASES = "leases"
"""The folder of leases in it."""
LARGEST_OFFSET = 2**62
"""Seeds beyond it share the locks of smaller ones: file offsets are 63-bit integers."""
_thread_lock = threading.Lock()
"""Of this process, only one thread at a time holds locks: the system gives a process's locks to all of its threads, and
releases them when one thread closes the file. Nor could two threads train at once, which share torch's generator."""


@dataclass(frozen=True)
class HeldMembers:
    """Members that this process has locked; the methods raise `LeaseLost` if others have taken them over."""

    leases: Sequence[Lease]

    def check(self) -> None:
        """`Lease.check` of all leases."""
        for lease in self.leases:
            lease.check()

    def confirm_workspace(self) -> None:
        """Make sure that the workspace is this process's, before its runs are opened and when the training is done."""
        for lease in self.leases:
            if lease.is_of_workspaces:
                lease.confirm()

    def check_sending(self, is_end: bool) -> None:
        """Make sure of all, in the thread that sends records; an end must not be recorded twice."""
        for lease in self.leases:
            lease.confirm(0.0 if is_end else lease.seconds / 2)


@contextlib.contextmanager
def held_members(workspace: Workspace, store: Store, notice: Notice) -> Iterator[HeldMembers]:
    """Hold the members of a workspace, whose training is recorded in a store; waits until they are free."""
    training_hash, seeds = workspace.training_hash, workspace.seeds
    with contextlib.ExitStack() as held:
        leases = [held.enter_context(folder_lease(workspace.work, training_hash, seeds, notice, store.lease_seconds))]
        if isinstance(store, ServerStore):
            board = LeaseModels(store, training_hash, store.lease_seconds)
            remote = leased_members(board, seeds, store.lease_seconds, is_known_dead, notice)
            try:
                leases.append(held.enter_context(remote))
            except Exception as problem:
                if not keeps_no_leases(problem):
                    raise
                notice(f"{store.uri} keeps no leases: other machines may train the same members")
        for owner in (owner for lease in leases if lease for owner in lease.replaced):
            close_runs_of(store, training_hash, owner)
        store.refresh()  # what was read while others held the members is old
        yield HeldMembers([lease for lease in leases if lease is not None])


def close_runs_of(store: Store, training_hash: str, owner: Mapping[str, str]) -> None:
    """Close as KILLED what the owner of a lease that has ended has left RUNNING of a training."""
    running = store.search(RunFilter(status="RUNNING", tags={Tag.TRAINING: training_hash}))
    store.close_runs([run for run in running if owner and all(run.tags.get(tag) == owner[tag] for tag in owner)])


@contextlib.contextmanager
def locked_members(work: Path, training_hash: str, seeds: Sequence[int], notice: Notice | None) -> Iterator[bool]:
    """Hold the locks of a training's members in a folder of workspaces; yields whether it got them.

    Args:
        work: the folder of the workspaces.
        training_hash: the hash that the members' trainings share.
        notice: called with a line of text if another process or thread has to be waited for; None does not wait.
    """
    with folder_lease(work, training_hash, seeds, notice) as lease:
        yield lease is not None


@contextlib.contextmanager
def folder_lease(
    work: Path, training_hash: str, seeds: Sequence[int], notice: Notice | None, seconds: float = LEASE_SECONDS
) -> Iterator[Lease | None]:
    """`locked_members` that yields the lease, or None; a member's lock is one byte of a file."""
    folder = work / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with held_by_this_thread(notice) as is_held:
        if not is_held:
            yield None
            return
        with (folder / training_hash).open("ab") as file:
            free = lock_members(file, seeds, wait=False)
            if not free and notice is not None:
                notice("another process is training some of these members: waiting until it ends")
                free = lock_members(file, seeds, wait=True)
            if not free:
                yield None
                return
            board = LeaseFolder(folder / LEASES, training_hash, seconds)
            is_dead = partial(has_ended, is_on_network=network_file_system(work) is not None)
            with leased_members(board, seeds, seconds, is_dead, notice) as lease:
                yield lease


def has_ended(owner: Mapping[str, str], is_on_network: bool) -> bool:
    """Whether the owner of a lease in the folder is known to be dead, by one who has the locks of the system.

    On a disk of this machine these locks show it for all of its containers.
    """
    return (not is_on_network and owner.get(Tag.BOOT, "") == boot_id() != "") or is_known_dead(owner)


def is_known_dead(owner: Mapping[str, str]) -> bool:
    """Whether a lease is left of a process that has ended; or of this one, which has no other leases now."""
    return owner == process_tags() or not is_alive(owner)


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
