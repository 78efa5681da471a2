"""Whose code a config may run: a ``_target_`` names code, and whoever writes a config could name any.

Without ``trust=true`` a config names classes of the kinds in `KINDS`, each at its place, and whatever the user's
``--config-dir`` defines. All else is refused before it is imported: a function or a method of seqprobe would do as
well to run a command or to delete a folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from seqprobe.checks import InvalidValue
from seqprobe.config.module_places import is_importable, is_module_in
from seqprobe.config.targets import FULL_NAME, resolve_target
from seqprobe.moved_names import current_name


@dataclass(frozen=True)
class Kind:
    """Classes that a config may name without trust.

    Attributes:
        base: the full name of the class that they are, or inherit from.
        packages: where they have to be defined, and named; nothing else is imported.
        keys: patterns of the full keys where this kind alone is expected.
    """

    base: str
    packages: tuple[str, ...]
    keys: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Whether a full name is one in the packages."""
        return any(name.startswith(f"{package}.") for package in self.packages)


KINDS = {
    "task": Kind("seqprobe.tasks.Task", ("seqprobe.tasks",), ("task",)),
    "curve": Kind("seqprobe.tasks.curves.Curve", ("seqprobe.tasks",), (r".*\.curve",)),
    "probe": Kind("seqprobe.probes.Probe", ("seqprobe.probes",), (r"task\.probes\.[^.]*",)),
    "network": Kind("torch.nn.Module", ("seqprobe.models", "torch.nn"), ("model", r"models\.[^.]*")),
    "cell": Kind("seqprobe.models.Cell", ("seqprobe.models",), (r".*\.cell(\[\d+\])?",)),
    "scheduler": Kind(
        "torch.optim.lr_scheduler.LRScheduler",
        ("torch.optim.lr_scheduler", "seqprobe.learning.schedules"),
        ("scheduler", r"scheduler\.schedulers\[\d+\]"),
    ),
    "loss": Kind("torch.nn.Module", ("torch.nn", "seqprobe.learning.training_loss"), ("loss",)),
    "optimizer": Kind("torch.optim.Optimizer", ("torch.optim",), ("optimizer",)),
    "store": Kind("seqprobe.tracking.stores.store.Store", ("seqprobe.tracking.stores",), ("tracking",)),
    "measure": Kind("seqprobe.reports.claims.Measure", ("seqprobe.reports.claims",), ("measure",)),
    "launcher": Kind("hydra.plugins.launcher.Launcher", ("hydra_plugins", "hydra"), (r"hydra\.launcher",)),
    "sweeper": Kind("hydra.plugins.sweeper.Sweeper", ("hydra_plugins", "hydra"), (r"hydra\.sweeper",)),
    "sampler": Kind("optuna.samplers.BaseSampler", ("optuna.samplers",), (r"hydra\.sweeper\.sampler",)),
    "callback": Kind("hydra.experimental.callback.Callback", ("hydra.experimental",), (r"hydra\.callbacks\..*",)),
}
"""Everything that a config may name without trust; at a key that no kind is expected at, any of them."""
ADVICE = "a config could run anything that way, so it takes trust=true"


def check_trust(plain: Mapping[str, Any], trusted: Sequence[Path] = ()) -> None:
    """Refuse code that a config must not name, before any of it is imported or called.

    Args:
        trusted: folders whose own code may be named: whoever gives a ``--config-dir`` trusts it, a config cannot.

    Raises:
        InvalidValue: a ``_target_`` is outside, and the config does not say ``trust=true``; or it names nothing.
    """
    if not isinstance(plain.get("trust", False), bool):
        raise InvalidValue("trust", plain["trust"], "must be true or false")
    if not plain.get("trust"):
        for key, node in target_nodes(plain):
            check_target(key, node, trusted)


def check_target(key: str, node: Mapping[str, Any], trusted: Sequence[Path]) -> None:
    """Refuse a node whose ``_target_`` is neither code of the trusted folders nor of a kind that its key expects."""
    target, kinds = node["_target_"], expected_kinds(key)
    if not isinstance(target, str) or not FULL_NAME.fullmatch(target):
        raise InvalidValue(f"{key}._target_", target, "must be the full name of a class, such as torch.optim.Adam")
    name = current_name(target)
    if is_module_in(name, trusted):
        name = defining_name(key, name)
        if is_module_in(name, trusted):
            return
    elif not is_importable(name):
        raise InvalidValue(f"{key}._target_", target, f"cannot be imported: No module named {name.split('.')[0]!r}")
    packages = dict.fromkeys(package for kind in kinds.values() for package in kind.packages)
    if not any(kind.has(name) for kind in kinds.values()):
        outside = f"is code outside {', '.join(packages)} and --config-dir; {ADVICE}"
        raise InvalidValue(f"{key}._target_", target, outside)
    if not any(is_of_kind(key, name, kind) for kind in kinds.values()):
        raise InvalidValue(f"{key}._target_", target, f"must be a class of this kind: {', '.join(kinds)}; {ADVICE}")
    if "_args_" in node:
        raise InvalidValue(
            f"{key}._args_", node["_args_"], "arguments are stated by their names; this takes trust=true"
        )


def expected_kinds(key: str) -> dict[str, Kind]:
    """The kinds that a node at a full key may be of, by name."""
    expected = {name: kind for name, kind in KINDS.items() if any(re.fullmatch(place, key) for place in kind.keys)}
    return expected or {name: kind for name, kind in KINDS.items() if not kind.keys[0].startswith("hydra")}


def is_of_kind(key: str, name: str, kind: Kind) -> bool:
    """Whether a full name stands for a class of a kind, defined where that kind's classes are."""
    if not kind.has(name):
        return False
    resolved, base = resolve_target(key, name), resolve_target(key, kind.base)
    # Where it was defined counts, too: a module has what it imports as well.
    return (
        isinstance(resolved, type)
        and isinstance(base, type)
        and issubclass(resolved, base)
        and kind.has(f"{resolved.__module__}.")
    )


def defining_name(key: str, name: str) -> str:
    """The name that something has in the module that defines it, which may not be the module that ``name`` states.

    A module of the user's own is imported for it. What it has made itself, such as a `functools.partial`, is its own.
    """
    resolved = resolve_target(key, name)
    if not isinstance(resolved, type | FunctionType | BuiltinFunctionType | MethodType):
        return name
    return f"{resolved.__module__}.{resolved.__qualname__}"


def target_nodes(node: Any, key: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every node in a config that has a ``_target_``, with its full key."""
    if isinstance(node, Mapping):
        if "_target_" in node:
            yield key, node
        for name, value in node.items():
            yield from target_nodes(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from target_nodes(value, f"{key}[{index}]")


def targets(node: Any) -> Iterator[tuple[str, Any]]:
    """Every ``_target_`` in a config, with its full key."""
    for key, found in target_nodes(node):
        yield f"{key}._target_", found["_target_"]
