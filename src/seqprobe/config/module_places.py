"""Where a module would be imported from, found without importing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path


def is_importable(name: str) -> bool:
    """Whether Python knows the top-level module of a full name."""
    return top_level_spec(name.partition(".")[0]) is not None


def is_module_in(name: str, folders: Sequence[Path]) -> bool:
    """Whether the modules that a full name goes through are files in one of the folders."""
    files = list(module_files(name, folders))
    return bool(files) and all(any(contains(folder, file) for folder in folders) for file in files)


def contains(folder: Path, file: Path) -> bool:
    """Whether a file is below a folder, by its path or by what links make of it."""
    return folder in file.parents or folder.resolve() in file.resolve().parents


def module_files(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    """The files of the modules that a full name goes through, outermost first; none for modules without a file.

    Args:
        folders: where the first of them is looked for if Python does not find it elsewhere.
    """
    top, *others = name.split(".")
    spec = top_level_spec(top) or PathFinder.find_spec(top, list(map(str, folders)))
    for part in [*others, ""]:
        if spec is None:  # what follows are attributes
            return
        if spec.has_location and spec.origin:
            yield Path(spec.origin)
        # Without the name before it: a folder without __init__.py would look for its parent among what is imported.
        spec = PathFinder.find_spec(part, list(spec.submodule_search_locations or []))


def top_level_spec(name: str) -> ModuleSpec | None:
    """What an import of a module without dots in its name would load, be it loaded already or not."""
    try:
        return find_spec(name)
    except ValueError:  # a loaded module that no import made, such as __main__
        return None
