"""What a result depends on, as hashes: equal on all machines and in all processes, whatever is recorded where."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.checks import InvalidValue
from seqprobe.config.build import split_probes, trainer_settings
from seqprobe.config.compose import Plain
from seqprobe.config.targets import make, resolve_target
from seqprobe.learning.settings import TrainerSettings
from seqprobe.moved_names import first_name
from seqprobe.run.user_code import code_digests
from seqprobe.seeds import parse_seeds
from seqprobe.tasks import Task

PROBE_OVERRIDE = re.compile(r"[+~]*(probe@)?task\.probes\b")
NUMERICS = 2
"""What stands for seqprobe's own code in an identity. Raise it whenever a change alters what is trained or measured,
or the default of an argument; tests/run/test_numerics.py notices such changes, and says how to renew its numbers."""


@dataclass(frozen=True)
class RunIdentity:
    """What results depend on, as hashes.

    Attributes:
        training_hash: shared by all populations whose members train equally, whatever their seeds and probes.
        population_hash: of this population's runs.
        files: names and content hashes of the files that the task reads.
    """

    training_hash: str
    population_hash: str
    files: Sequence[tuple[str, str]] = ()


def run_identity(plain: Plain) -> RunIdentity:
    """The identity of the population that a config describes."""
    files = file_digests(split_probes(plain["task"])[1])
    training_hash = training_identity(plain, files)
    return RunIdentity(training_hash, population_identity(plain, training_hash), files)


def training_identity(plain: Plain, files: Sequence[tuple[str, str]] | None = None) -> str:
    """What a member's training depends on, besides its seed: task, model, optimizer, schedule, loss, steps, and
    their code.

    Its probes do not count, which can be added later, nor do where it runs, the engine, or what is trained beside it.

    Args:
        files: the `file_digests` of its task, if they are known.
    """
    _, task = split_probes(plain["task"])
    nodes = {"task": without_folders(task), "model": plain["model"], "optimizer": plain["optimizer"]}
    nodes |= {key: plain.get(key) or {} for key in ("scheduler", "loss")}
    return digest(
        without_empty(
            {
                "numerics": NUMERICS,
                **nodes,
                **training_settings(trainer_settings(plain["trainer"])),
                "modules": code_digests(nodes),
                "files": [content for _, content in (file_digests(task) if files is None else files)],
            }
        )
    )


def population_identity(plain: Plain, training_hash: str) -> str:
    """What a population's runs depend on: its members' training, its seeds and probes, and what it is called.

    Args:
        training_hash: the `training_identity` of the same config.
    """
    probes, _ = split_probes(plain["task"])
    names = {key: plain["names"][key] for key in ("task", "model", "preset")}
    overrides = other_overrides(plain["names"]["overrides"] or "")
    return digest(
        without_empty(
            {
                "training": training_hash,
                "trial": [True] if plain["names"].get("trial") else [],  # its runs are hidden: no others are replaced
                "seeds": parse_seeds(plain["seeds"]),
                "probes": probes,
                "names": {**names, "overrides": overrides},
                "modules": code_digests(probes),
            }
        )
    )


def other_overrides(overrides: str) -> str:
    """The overrides in a population's name that do not concern probes, which count by what they are."""
    return " ".join(text for text in overrides.split(" ") if not PROBE_OVERRIDE.match(text))


def training_settings(settings: TrainerSettings) -> dict[str, Any]:
    """The trainer's settings that change results, except those equal to their defaults."""

    def effective(of: TrainerSettings) -> dict[str, Any]:
        return {
            "validation_interval": of.validation_interval,
            "log_interval": of.log_interval,
            "reshuffle": of.reshuffle,
            "gradient_clip": of.gradient_clip,
            "precision": of.precision,
        }

    default = effective(TrainerSettings(settings.max_steps))
    changed = {name: value for name, value in effective(settings).items() if value != default[name]}
    return {"max_steps": settings.max_steps, **changed}


def file_digests(task: Plain) -> list[tuple[str, str]]:
    """Names and hashes of the contents of `Task.files`, in their order.

    Raises:
        InvalidValue: one of them cannot be read.
    """
    if getattr(resolve_target("task", task.get("_target_")), "files", None) is Task.files:
        return []  # without building the task
    try:
        paths = make("task", task, Task).files()
        return [(path.name, file_digest(path)) for path in paths]
    except OSError as problem:
        raise InvalidValue("task", problem.filename, f"cannot be read: {problem.strerror}") from problem


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's content, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_folders(task: Plain) -> Plain:
    """A task's node with the last part alone of the paths that `Task.path_keys` names: files may be moved."""
    keys = getattr(resolve_target("task", task.get("_target_")), "path_keys", ())
    return {key: Path(value).name if key in keys and value else value for key, value in task.items()}


def digest(node: Any) -> str:
    """Sixteen hexadecimal digits that stand for a node."""
    return hashlib.sha256(json.dumps(canonical(node), sort_keys=True).encode()).hexdigest()[:16]


def canonical(node: Any) -> Any:
    """A node as JSON takes it: equal numbers become the same, and arguments equal to their defaults are left out."""
    if isinstance(node, Mapping):
        content = {str(key): canonical(value) for key, value in node.items()}
        return without_defaults(content) if "_target_" in content else content
    if isinstance(node, list | tuple):
        return [canonical(value) for value in node]
    if isinstance(node, float) and node.is_integer():
        return int(node)
    if node is None or isinstance(node, bool | int | float | str):
        return node
    return getattr(node, "__qualname__", type(node).__qualname__)


def without_defaults(node: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical node with a ``_target_``, under the name it had first, without arguments equal to their defaults."""
    target = resolve_target("", node["_target_"])
    default = defaults(target)
    changed = {key: value for key, value in node.items() if key not in default or json.dumps(value) != default[key]}
    return {**changed, "_target_": lasting_name(target, node["_target_"])}


def defaults(target: Any) -> dict[str, str]:
    """The default of each argument of ``target`` that has one, as JSON."""
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):  # some functions written in C have no signature
        return {}
    return {
        entry.name: json.dumps(canonical(entry.default)) for entry in parameters if entry.default is not entry.empty
    }


def lasting_name(target: Any, name: str) -> str:
    """A name for a class that stays when its module moves: seqprobe's classes are known by their own names alone."""
    full = f"{getattr(target, '__module__', '')}.{getattr(target, '__qualname__', name)}"
    first = first_name(full)
    return f"seqprobe.{first.rpartition('.')[2]}" if full.startswith("seqprobe.") else first


def without_empty(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node without entries that are empty, so that a new key leaves existing hashes unchanged."""
    return {key: value for key, value in node.items() if value not in ([], {})}
