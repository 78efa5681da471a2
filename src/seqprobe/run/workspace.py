"""One population's place on this machine: nobody else trains its members, and what it leaves is found again."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from seqprobe.config.places import home
from seqprobe.config.plain import Plain, build_store
from seqprobe.files import write_atomically
from seqprobe.learning.checkpoint import Notice
from seqprobe.run.identity import cell_identity, training_identity
from seqprobe.seeds import parse_seeds
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.store import Store

LARGEST_OFFSET = 2**62
DIGITS = 16
"""Of a workspace's identity, with which its folder's name begins."""


@dataclass(frozen=True)
class Workspace:
    """A population that is asked for.

    Attributes:
        training: what its members' trainings depend on but their seeds, as a hash.
        identity: what its runs depend on, as a hash.
        seeds: its members.
        work: the folder of all that outlives a process, ``mlruns/work``.
        folder: this population's part of it.
    """

    training: str
    identity: str
    seeds: Sequence[int]
    work: Path
    folder: Path

    def begin(self, rerun: bool) -> None:
        """Prepare the folder: what an interrupted attempt left stays, unless this one is to be another.

        A ``rerun`` starts again, but goes on from an interrupted rerun.
        """
        about = self.folder / "workspace.json"
        found = json.loads(about.read_text()) if about.exists() else None
        if found is None or (rerun and not found["rerun"]):
            self.discard()
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {"training": self.training, "seeds": list(self.seeds), "rerun": rerun}
        if not about.exists():
            write_atomically(about, json.dumps(content).encode())

    def discard(self) -> None:
        """Forget what was begun."""
        shutil.rmtree(self.folder, ignore_errors=True)


def workspace_of(plain: Plain, store: Store | None = None) -> Workspace:
    """The workspace that a config asks for."""
    training, identity = training_identity(plain), cell_identity(plain)
    work = work_folder(plain)
    store = store or build_store(plain)
    return Workspace(training, identity, parse_seeds(plain["seeds"]), work, work / f"{identity}{store.suffix}")


def work_folder(plain: Plain) -> Path:
    """Where everything that outlives a process is kept."""
    node = plain["tracking"]
    return Path(node.get("dir") or home() / "mlruns").absolute() / "work"


@contextlib.contextmanager
def claimed(work: Path, training: str, seeds: Sequence[int], notice: Notice | None) -> Iterator[bool]:
    """Be the only process of this machine that trains these members.

    A member's claim is a byte of a file, locked; the system lets go of it when the process ends, however it does.

    Args:
        notice: told when another process has to be waited for; with None nobody waits, and what is yielded says whether
            the members could be claimed.
    """
    folder = work / "claims"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / training).open("ab") as file:
        free = locked(file, seeds, wait=False)
        if not free and notice is not None:
            notice("another process trains some of the same members: waiting until it has ended")
            free = locked(file, seeds, wait=True)
        yield free


def locked(file: BinaryIO, seeds: Sequence[int], wait: bool) -> bool:
    """Lock a byte per seed, in ascending order, so that no two processes wait for each other; false if one is taken."""
    for seed in sorted(seeds):
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, seed % LARGEST_OFFSET, os.SEEK_SET)
        except BlockingIOError:
            fcntl.lockf(file, fcntl.LOCK_UN)
            return False
    return True


def left_behind(work: Path, suffix: str) -> Iterator[Journal]:
    """The journals, for one store, of processes that died with something untold or could not reach it."""
    for about in sorted(work.glob(f"*{suffix}/workspace.json")):
        if len(about.parent.name) != DIGITS + len(suffix):  # for another store
            continue
        try:
            content = json.loads(about.read_text())
        except (OSError, ValueError):  # another process removes it
            continue
        with claimed(work, content["training"], content["seeds"], None) as free:
            if free and not (journal := Journal(about.parent)).is_sent():
                yield journal
