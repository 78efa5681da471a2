"""Where commands write: paths that users state, checked before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqprobe.checks import InvalidValue, user_path
from seqprobe.tracking.stores.embedded import writable


def writable_folder(key: str, value: Any) -> Path:
    """The folder that a path names, which may have to be made.

    Raises:
        InvalidValue: no files can be written there.
    """
    path = user_path(key, value)
    existing = next(place for place in (path, *path.parents) if place.exists())
    if not existing.is_dir() or not writable(existing):
        raise InvalidValue(key, value, f"must be a folder that can be written: {existing} is not")
    return path


def writable_file(key: str, value: Any, suffix: str, alternatives: str) -> Path:
    """The file that a path names, in a folder that may have to be made.

    Args:
        alternatives: what the key accepts instead of a path, for the message.

    Raises:
        InvalidValue: its name does not end with ``suffix``, or it cannot be written.
    """
    path = user_path(key, value)
    if path.suffix != suffix or path.is_dir():
        raise InvalidValue(key, value, f"must be the path of a {suffix} file, {alternatives}")
    existing = next(place for place in path.parents if place.exists())
    if not existing.is_dir() or not writable(existing):
        raise InvalidValue(key, value, f"must be in a folder that can be written: {existing} is not")
    return path
