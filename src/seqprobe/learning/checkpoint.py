"""Checkpoints of a training on disk: written atomically, the newest two kept, and read without unpickling objects."""

from __future__ import annotations

import hashlib
import io
import time
import warnings
from pathlib import Path
from typing import Any

import torch

from seqprobe.files import write_atomically
from seqprobe.learning.recorder import Notice

State = dict[str, Any]
"""Tensors, numbers and text in dicts and lists."""

KEPT = 2
SHARE = 20
"""Saving takes at most one twentieth of the time."""
DIGEST = hashlib.sha256().digest_size


class CheckpointError(Exception):
    """A checkpoint is unusable, for the reason in the message."""


class Checkpoints:
    """The checkpoints of one population's training, by name, in a folder of their own.

    Args:
        folder: made when the first is saved; None keeps nothing.
        seconds: minimum seconds between checkpoints; 0 saves whenever that is possible.
    """

    def __init__(self, folder: Path | None = None, seconds: float = 0.0, notice: Notice = lambda words: None) -> None:
        self.folder, self.seconds, self.notice = folder, seconds, notice
        self._saved, self._cost = time.monotonic(), 0.0

    def is_due(self) -> bool:
        """Whether enough time has passed since the last one."""
        waited = time.monotonic() - self._saved
        return self.folder is not None and waited >= max(self.seconds, SHARE * self._cost if self.seconds else 0)

    def save(self, name: str, state: State) -> None:
        """Keep ``state`` as the newest checkpoint called ``name``, and the one before it.

        Raises:
            OSError: it cannot be written; those before are as they were.
        """
        if self.folder is None:
            return
        start = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        before = self._paths(name)
        number = int(before[0].suffixes[-2][1:]) + 1 if before else 0
        write_atomically(self.folder / f"{name}.{number:06d}.checkpoint", pack_state(state))
        for old in before[KEPT - 1 :]:
            old.unlink()
        self._saved = time.monotonic()
        self._cost = self._saved - start

    def load(self, name: str) -> State | None:
        """The newest checkpoint called ``name`` that is whole; None where there is none. Others are reported."""
        paths = self._paths(name)
        for path in paths:
            try:
                return unpack_state(path.read_bytes())
            except (CheckpointError, OSError) as problem:
                consequence = "using the previous one" if path != paths[-1] else "restarting that training"
                self.notice(f"Checkpoint {path} is unusable ({problem}); {consequence}.")
                path.unlink(missing_ok=True)
        return None

    def _paths(self, name: str) -> list[Path]:
        """The files of checkpoints called ``name``, newest first."""
        if self.folder is None:
            return []
        return sorted(self.folder.glob(f"{name}.*.checkpoint"), reverse=True)


def pack_state(state: State) -> bytes:
    """A state as bytes, preceded by their SHA-256, by which a truncated file is recognised."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    return hashlib.sha256(content).digest() + content


def unpack_state(packed: bytes) -> State:
    """The state that `pack_state` made bytes of.

    Raises:
        CheckpointError: something is missing or changed, or it holds other objects than tensors and plain containers.
    """
    digest, content = packed[:DIGEST], packed[DIGEST:]
    if hashlib.sha256(content).digest() != digest:
        raise CheckpointError("it was truncated or modified")
    try:
        with warnings.catch_warnings(action="ignore"):  # on what other programs may have written
            state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as problem:  # what reads planted bytes may raise anything
        raise CheckpointError("it contains other objects than tensors and plain values") from problem
    if not isinstance(state, dict):
        raise CheckpointError("it contains no training")
    return state
