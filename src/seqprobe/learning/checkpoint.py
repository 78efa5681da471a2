"""Checkpoints of a training on disk: written atomically, the newest two kept, and read without unpickling objects."""

from __future__ import annotations

import hashlib
import io
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch

from seqprobe.files import set_aside, write_atomically
from seqprobe.learning.recorder import Notice

State = dict[str, Any]
"""Tensors, numbers and text in dicts and lists."""

T = TypeVar("T")

KEPT = 2
SHARE = 20
"""Saving takes at most one twentieth of the time."""
DIGEST = hashlib.sha256().digest_size


NUMBERED = re.compile(r"\.\d{6,}\.checkpoint$")
"""The end of a checkpoint's name; older ones have smaller numbers."""


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
        if self.folder.is_file():
            self.notice(f"{self.folder} is no folder: renamed to {set_aside(self.folder).name}")
        self.folder.mkdir(parents=True, exist_ok=True)
        before = self._paths(name)
        number = int(before[0].suffixes[-2][1:]) + 1 if before else 0
        write_atomically(self.folder / f"{name}.{number:06d}.checkpoint", pack_state(state))
        for old in before[KEPT - 1 :]:
            old.unlink()
        self._saved = time.monotonic()
        self._cost = self._saved - start

    def load(
        self, name: str, restore: Callable[[State], T], otherwise: str = "that training starts from the beginning"
    ) -> T | None:
        """What ``restore`` makes of the newest checkpoint called ``name`` that it can use; None if there is none.

        A checkpoint that cannot be used is set aside, and a notice names it.

        Args:
            restore: called with a checkpoint's state; raises whatever it likes if that is of another training.
            otherwise: what happens if no checkpoint can be used, for the notice.
        """
        paths = self._paths(name)
        for path in paths:
            try:
                return restore(unpack_state(path.read_bytes()))
            except MemoryError:
                raise
            except Exception as problem:  # what reads damaged content may raise anything
                reason = problem if isinstance(problem, CheckpointError | OSError) else "it is of another training"
                consequence = "the previous one is used" if path != paths[-1] else otherwise
                self.notice(f"{path} is damaged ({reason}): renamed to {set_aside(path).name}; {consequence}")
        return None

    def names(self) -> list[str]:
        """The names of all that was saved."""
        return sorted({path.name.split(".")[0] for path in self._paths("*")})

    def _paths(self, name: str) -> list[Path]:
        """The files of checkpoints called ``name``, newest first."""
        if self.folder is None or not self.folder.is_dir():
            return []
        numbered = [path for path in self.folder.glob(f"{name}.*.checkpoint") if NUMBERED.search(path.name)]
        return sorted(numbered, reverse=True)


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
