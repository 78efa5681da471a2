"""Files that are whole or not there at all, whenever the process that writes them ends."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

DAMAGED = ".damaged"
"""The end of the name of what was set aside."""

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SQLITE_FULL = ("disk is full", "disk I/O error")
"""SQLite's messages where it cannot write."""


def is_disk_full(problem: BaseException) -> bool:
    """Whether an error means that nothing more can be written."""
    is_system_error = isinstance(problem, OSError) and problem.errno in NO_SPACE
    return is_system_error or any(phrase in str(problem) for phrase in SQLITE_FULL)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that is seen with all of its content or, after an error or a kill, as it was before.

    Raises:
        OSError: it cannot be written, as on a full disk.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        raise OSError(problem.errno, problem.strerror, str(path)) from problem
    sync_folder(path.parent)


def set_aside(path: Path) -> Path:
    """Rename a damaged file or folder to ``<name>.damaged``, in place of an earlier one; returns the new path.

    Raises:
        OSError: it cannot be renamed.
    """
    target = path.with_name(f"{path.name}{DAMAGED}")
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    os.replace(path, target)
    return target


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
