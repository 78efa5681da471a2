"""A population's folder on this machine: what an interrupted training left there is found again."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqprobe.checks import InvalidValue, user_path
from seqprobe.config.compose import Plain
from seqprobe.config.places import home
from seqprobe.files import set_aside, write_atomically
from seqprobe.learning.recorder import Notice
from seqprobe.tracking.stores.embedded import writable

METADATA_FILE = "workspace.json"
"""States what a workspace is for; other processes need it to deliver its journal."""


@dataclass(frozen=True)
class Workspace:
    """A population's folder.

    Attributes:
        work: the folder of all workspaces of a tracking folder, ``mlruns/work``.
        folder: this population's folder in it, named by the population's identity and the store.
        training_hash: the hash that its members' trainings share.
        seeds: its members.
    """

    work: Path
    folder: Path
    training_hash: str
    seeds: Sequence[int]

    def begin(self, rerun: bool, notice: Notice = lambda text: None) -> None:
        """Prepare the folder, and keep what an interrupted attempt left.

        A rerun starts afresh, unless the interrupted attempt was a rerun itself.
        """
        metadata_file = self.folder / METADATA_FILE
        if self.folder.exists() and not self.folder.is_dir():
            notice(f"{self.folder} is no folder: renamed to {set_aside(self.folder).name}")
        if metadata_file.exists() and read_metadata(metadata_file) is None:
            notice(f"{metadata_file} is damaged: renamed to {set_aside(metadata_file).name}, and written again")
            self._write_metadata(rerun=False)
        interrupted = read_metadata(metadata_file)
        if interrupted is None or (rerun and not interrupted.rerun):
            self.discard()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not metadata_file.exists():
            self._write_metadata(rerun)

    def _write_metadata(self, rerun: bool) -> None:
        content = {"training": self.training_hash, "seeds": list(self.seeds), "rerun": rerun}
        write_atomically(self.folder / METADATA_FILE, json.dumps(content).encode())

    def discard(self) -> None:
        """Delete the workspace."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Metadata:
    """What a workspace is for: the attributes of `Workspace`, and whether its training was to train again."""

    training_hash: str
    seeds: Sequence[int]
    rerun: bool


def read_metadata(path: Path) -> Metadata | None:
    """What a workspace's file states; None if it is missing or damaged."""
    try:
        content = json.loads(path.read_bytes())
        training_hash, seeds, rerun = content["training"], content["seeds"], content.get("rerun", False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    fits = isinstance(training_hash, str) and re.fullmatch(r"\w+", training_hash) and isinstance(rerun, bool)
    if not fits or not isinstance(seeds, list) or not all(type(seed) is int and seed >= 0 for seed in seeds):
        return None
    return Metadata(training_hash, seeds, rerun)


def work_folder(plain: Plain) -> Path:
    """The folder of all workspaces, beside the store; of a server's store, in the folder that stays on this machine."""
    return tracking_folder(plain) / "work"


def check_work_folder(work: Path) -> None:
    """Refuse a folder of workspaces that cannot be written, as a colleague's: journals and checkpoints go there.

    Raises:
        InvalidValue: it cannot.
    """
    existing = next(path for path in (work, *work.parents) if os.path.exists(path))
    if not existing.is_dir() or not writable(existing):
        raise InvalidValue("tracking.dir", work.parent, f"must be a folder that can be written: {existing} is not")


def tracking_folder(plain: Plain) -> Path:
    """The folder that ``tracking.dir`` names."""
    return user_path("tracking.dir", plain["tracking"].get("dir") or home() / "mlruns")
