"""Where compiled code is kept between processes."""

from __future__ import annotations

from pathlib import Path

NAME = "compiled"
"""The folder's name, in the folder of all workspaces."""

_folder: Path | None = None


def use_code_folder(work: Path | None) -> None:
    """Keep code in a folder of the folder of all workspaces; None keeps it in memory alone."""
    global _folder
    _folder = None if work is None else work / NAME


def path_of(key: str, ending: str) -> Path | None:
    """The file of some code."""
    return None if _folder is None else _folder / f"{key}.{ending}"
