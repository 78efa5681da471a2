"""What a result depends on, as hashes: equal on all machines and in all processes, whatever is logged where."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from importlib.util import resolve_name
from pathlib import Path
from types import ModuleType
from typing import Any

from seqprobe import batch, seeds
from seqprobe.config.build import split_probes, trainer_settings
from seqprobe.config.compose import Plain
from seqprobe.config.targets import located
from seqprobe.learning import fit
from seqprobe.models import engines
from seqprobe.seeds import parse_seeds


def training_identity(plain: Plain) -> str:
    """What any member's training depends on but its seed: task, model, optimizer, and how long it trains.

    Not its probes, which can be put later, and not where it runs, by which engine, or what is trained beside it.
    Defaults in the code count as if they had been written down; and so does the code itself, except torch's.
    """
    settings = trainer_settings(plain["trainer"])
    steps = {
        "max_steps": settings.max_steps,
        "validation_interval": settings.validation_interval,
        "log_interval": settings.log_interval,
        "reshuffle": settings.reshuffle,
        "gradient_clip": settings.gradient_clip,
        "precision": settings.precision,
    }
    _, task = split_probes(plain["task"])
    return hashed({"code": TRAINING, "task": task, "model": plain["model"], "optimizer": plain["optimizer"], **steps})


def cell_identity(plain: Plain) -> str:
    """What a whole population's runs depend on: its training, its seeds, its probes, and what it is called."""
    probes, _ = split_probes(plain["task"])
    names = {key: value for key, value in plain["names"].items() if key in ("task", "model", "preset", "overrides")}
    return hashed(
        {"training": training_identity(plain), "seeds": parse_seeds(plain["seeds"]), "probes": probes, "names": names}
    )


def hashed(node: Any) -> str:
    """Sixteen hexadecimal digits that stand for a node."""
    return hashlib.sha256(json.dumps(canonical(node), sort_keys=True).encode()).hexdigest()[:16]


def canonical(node: Any) -> Any:
    """A node as JSON takes it: numbers that are equal become the same, and what a ``_target_`` defaults to is added."""
    if isinstance(node, Mapping):
        whole = {str(key): canonical(value) for key, value in node.items()}
        return {**defaults(node["_target_"]), **whole, **target(node["_target_"])} if "_target_" in node else whole
    if isinstance(node, list | tuple):
        return [canonical(value) for value in node]
    if isinstance(node, float) and node.is_integer():
        return int(node)
    if node is None or isinstance(node, bool | int | float | str):
        return node
    return getattr(node, "__qualname__", type(node).__qualname__)


def defaults(name: str) -> dict[str, Any]:
    """What the arguments of a ``_target_`` are unless given."""
    try:
        parameters = inspect.signature(located("", name)).parameters.values()
    except (TypeError, ValueError):  # some functions written in C tell nothing
        return {}
    return {each.name: canonical(each.default) for each in parameters if each.default is not each.empty}


def target(name: str) -> dict[str, Any]:
    """What a ``_target_`` names, wherever it was imported from, with its source; torch's is known by its name."""
    found = located("", name)
    module = sys.modules.get(getattr(found, "__module__", None) or "")
    full = {"_target_": f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', name)}"}
    if module is None or module.__name__.partition(".")[0] == "torch":
        return full
    return {**full, "_source_": source(module)}


def source(*modules: ModuleType) -> str:
    """A hash of the source of modules, and of all those beside or below them that they import."""
    found = sorted({path for module in modules for path in sources(module)}, key=lambda path: (path.name, path))
    return hashlib.sha256("".join(digest(path) for path in found).encode()).hexdigest()


def digest(path: Path) -> str:
    """A hash of a file: of seqprobe's own, as it was when this module was loaded."""
    return LOADED.get(path) or hashlib.sha256(path.read_bytes()).hexdigest()


def sources(module: ModuleType) -> set[Path]:
    """The source file of a module, and of those that it imports from the same folder or from folders in it."""
    start = Path(getattr(module, "__file__", None) or "")
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found and path.suffix == ".py" and path.is_file():
            found.add(path)
            waiting += imported(path, start.parent, module.__package__ or "")
    return found


def imported(path: Path, folder: Path, package: str) -> Iterator[Path]:
    """Where a file of a package would find what it imports from it, whether that is loaded or not."""
    inside = ".".join([package, *path.parent.relative_to(folder).parts]).strip(".")
    for node in ast.walk(ast.parse(path.read_bytes())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")
            start = resolve_name(relative, inside) if node.level else relative
            names = [start, *(f"{start}.{name}" for name in names)]
        for name in names:
            if f"{name}.".startswith(f"{package}." if package else ""):
                below = folder.joinpath(*name.removeprefix(package).strip(".").split("."))
                yield from (below.with_suffix(".py"), below / "__init__.py")


LOADED: dict[Path, str] = {}
"""Hashes of seqprobe's own files as they are now: a sweep goes on with the code that it began with."""
for file in sorted(Path(str(batch.__file__)).parent.rglob("*.py")):
    LOADED[file] = digest(file)
TRAINING = source(fit, engines, batch, seeds)
"""The code that trains."""
