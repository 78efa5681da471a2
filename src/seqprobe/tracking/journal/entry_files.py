"""Files that a journal keeps for its entries, a folder each, until they are sent."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

SENT = ".sent"
"""The end of the name of a folder of files that are being deleted."""


def files_digest(contents: Mapping[str, bytes]) -> str:
    """A digest of files by their paths."""
    digest = hashlib.sha256()
    for path, content in sorted(contents.items()):
        digest.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:32]


def files_size(folder: Path) -> int:
    """How many bytes the files in a folder have together."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def remove_files(folder: Path) -> None:
    """Delete files that were sent; a kill must not leave a part of them, which would look damaged."""
    sent = folder.with_name(f"{folder.name}{SENT}")
    with contextlib.suppress(OSError):
        os.replace(folder, sent)
    shutil.rmtree(sent, ignore_errors=True)
