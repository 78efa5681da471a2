"""The code of a user's own that a config runs: which modules they are, and a hash of what they do."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

from seqprobe.config.targets import resolve_target
from seqprobe.config.trust import targets
from seqprobe.user_calls import is_users


def user_modules(node: Any) -> dict[str, Path]:
    """Source files of the user's modules that a config node runs, by full module name in alphabetical order.

    These are the modules of the node's ``_target_``s and whatever they import, statically, from outside installed
    packages, with the ``__init__`` of every package on the way. Nothing is executed but what the ``_target_``s import.
    A file that cannot be parsed is left out: it could not be imported either.
    """
    waiting = [name for _, target in targets(node) for name in modules_of(target)]
    modules: dict[str, Path] = {}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = source_file(name)
        tree = syntax_tree(path) if path is not None and is_users(path) else None
        if path is not None and tree is not None:
            modules[name] = path
            waiting += imported_names(tree, name, path.stem == "__init__")
        if "." in name:
            waiting.append(name.rpartition(".")[0])
    return dict(sorted(modules.items()))


def modules_of(target: str) -> Iterator[str]:
    """The module that a ``_target_`` names, and the one that defines what it names."""
    yield getattr(resolve_target("", target), "__module__", None) or ""
    yield target.rpartition(".")[0]


def source_file(name: str) -> Path | None:
    """The source of a module, found without importing it; None for what is no module, or has no source."""
    loaded = getattr(sys.modules.get(name), "__file__", None)
    if loaded is not None:
        return Path(loaded) if loaded.endswith(".py") else None
    folders: list[str] | None = None
    origin, parts = "", name.split(".")
    for count in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:count]), folders)
        if spec is None:
            return None
        folders, origin = list(spec.submodule_search_locations or []), spec.origin or ""
    return Path(origin) if origin.endswith(".py") else None


def syntax_tree(path: Path) -> ast.Module | None:
    """The syntax tree of a source file; None if it cannot be parsed."""
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return None


def imported_names(tree: ast.Module, module: str, is_package: bool) -> Iterator[str]:
    """The modules that a source file may import: for ``from a import b`` both ``a`` and ``a.b``."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")
            try:
                start = resolve_name(relative, package) if node.level else relative
            except ImportError:  # beyond the topmost package
                continue
            yield start
            yield from (f"{start}.{alias.name}" for alias in node.names)


def source_files(node: Any) -> dict[str, Path]:
    """The files of `user_modules`, by their place below a folder of the import path: ``my_package/data.py``."""
    files = {}
    for name, path in user_modules(node).items():
        place = Path(*name.split("."))
        files[(place / path.name if path.stem == "__init__" else place.with_suffix(".py")).as_posix()] = path
    return files


def code_digests(node: Any) -> dict[str, str]:
    """A hash of the code of each of the user's modules that a config node runs, by module name."""
    return {name: syntax_digest(path.read_bytes()) for name, path in user_modules(node).items()}


def syntax_digest(source: bytes) -> str:
    """A hash of a source file's syntax tree, which comments, formatting and docstrings do not change."""
    return hashlib.sha256(json.dumps(syntax(ast.parse(source))).encode()).hexdigest()


def syntax(node: Any) -> Any:
    """A syntax tree as nested lists, without docstrings.

    Not `ast.dump`, whose text depends on the version of Python: fields that are empty are left out here, because newer
    versions add some.
    """
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if value is not None and value != []]
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            fields = [(name, body if name == "body" else value) for name, value in fields]
        return [type(node).__name__, *([name, syntax(value)] for name, value in fields)]
    return [syntax(value) for value in node] if isinstance(node, list) else repr(node)
