"""What a result depends on, as hashes: equal on all machines and in all processes, whatever is logged where."""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from seqprobe import batch, seeds
from seqprobe.config.build import Plain, split_probes, trainer_settings
from seqprobe.config.targets import located
from seqprobe.learning import fit
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
    return {**full, "_source_": digest(sources(module))}


def digest(paths: Sequence[Path]) -> str:
    """A hash of files' contents."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def sources(module: ModuleType) -> list[Path]:
    """The source file of a module, and of those beside it that it uses."""
    folder = Path(getattr(module, "__file__", None) or "").parent
    seen: dict[str, ModuleType] = {}
    waiting = [module]
    while waiting:
        current = waiting.pop()
        file = Path(getattr(current, "__file__", None) or "")
        if current.__name__ not in seen and file.is_file() and folder in file.parents:
            seen[current.__name__] = current
            waiting += used_by(current)
    return sorted(Path(str(each.__file__)) for each in seen.values())


def used_by(module: ModuleType) -> Iterator[ModuleType]:
    """Modules that a module imported, or from which it imported something."""
    for value in list(vars(module).values()):
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str) and name in sys.modules:
            yield sys.modules[name]


TRAINING = digest([*sources(fit), Path(str(batch.__file__)), Path(str(seeds.__file__))])
"""The code that trains. It is read when it is loaded: a sweep goes on with what it began with."""
