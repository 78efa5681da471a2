"""A population's folder on this machine: what an interrupted training left there is found again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqprobe.config.compose import Plain
from seqprobe.config.places import home
from seqprobe.files import write_atomically

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

    def begin(self, rerun: bool) -> None:
        """Prepare the folder, and keep what an interrupted attempt left.

        A rerun starts afresh, unless the interrupted attempt was a rerun itself.
        """
        metadata_file = self.folder / METADATA_FILE
        interrupted = json.loads(metadata_file.read_text()) if metadata_file.exists() else None
        if interrupted is None or (rerun and not interrupted["rerun"]):
            self.discard()
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {"training": self.training_hash, "seeds": list(self.seeds), "rerun": rerun}
        if not metadata_file.exists():
            write_atomically(metadata_file, json.dumps(content).encode())

    def discard(self) -> None:
        """Delete the workspace."""
        shutil.rmtree(self.folder, ignore_errors=True)


def work_folder(plain: Plain) -> Path:
    """The folder of all workspaces, beside the store; of a server's store, in the folder that stays on this machine."""
    return tracking_folder(plain) / "work"


def tracking_folder(plain: Plain) -> Path:
    """The folder that ``tracking.dir`` names."""
    return Path(plain["tracking"].get("dir") or home() / "mlruns").absolute()
