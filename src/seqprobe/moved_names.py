"""Old names of modules and classes, and what they are called now.

Users' configs, configs and models in stores, and the modules saved with those models keep the names that they were
written with. They are looked up here wherever they are read: a ``_target_`` by `current_name`, a module that is
imported (a model's loader, an import in a user's module) by `MovedModules`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MODULES = {
    "seqprobe.config.serving": "seqprobe.run.serving",
    "seqprobe.models.cell": "seqprobe.models.cells.cell",
    "seqprobe.models.gru": "seqprobe.models.cells.gru",
    "seqprobe.models.lstm": "seqprobe.models.cells.lstm",
    "seqprobe.models.lstm_graves": "seqprobe.models.cells.lstm_graves",
    "seqprobe.models.lstm_peephole": "seqprobe.models.cells.lstm_peephole",
    "seqprobe.models.rnn": "seqprobe.models.cells.rnn",
    "seqprobe.models.unroll": "seqprobe.models.cells.unroll",
    "seqprobe.probes.curves": "seqprobe.probes.curve_probes",
    "seqprobe.probes.inverse": "seqprobe.probes.inverse_probes",
    "seqprobe.probes.map": "seqprobe.probes.map_probes",
    "seqprobe.probes.parameters": "seqprobe.probes.parameter_probe",
    "seqprobe.probes.remember": "seqprobe.probes.lag",
    "seqprobe.probes.sentence": "seqprobe.probes.next_word",
    "seqprobe.probes.turnstile": "seqprobe.probes.turnstile_probes",
    "seqprobe.tracking.embedded": "seqprobe.tracking.stores.embedded",
    "seqprobe.tracking.server": "seqprobe.tracking.stores.server",
}
"""Modules that moved; only those that configs, models or users' modules may name."""
CLASSES = {
    "seqprobe.probes.inside.Concepts": "seqprobe.probes.concepts.Concepts",
    "seqprobe.probes.inside.Phases": "seqprobe.probes.gate_phases.Phases",
    "seqprobe.probes.inside.layer_states": "seqprobe.probes.concepts.layer_states",
    "seqprobe.tasks.curves.CurveTask": "seqprobe.tasks.curve_tasks.CurveTask",
    "seqprobe.tasks.curves.NameParameters": "seqprobe.tasks.curve_tasks.NameParameters",
    "seqprobe.tasks.curves.Reproduce": "seqprobe.tasks.curve_tasks.Reproduce",
}
"""Classes and functions that were renamed or went to another module alone, by full name as it was at first."""


RETIRED_PROBES = ("seqprobe.probes.inverse_probes.InverseInformation",)
"""Probes that are none any more, by their current names: a config that has one is read as if it had not.

The first asked nothing of a network; `seqprobe.evaluation.data_figures` draws what it drew.
"""


def current_name(name: str) -> str:
    """The full name that a class or function has now; ``name`` itself, unless it is an old one."""
    if name in CLASSES:
        return CLASSES[name]
    module, dot, member = name.rpartition(".")
    if module in MODULES:
        return f"{MODULES[module]}.{member}"
    return f"{current_name(module)}{dot}{member}" if module in CLASSES else name


def first_name(name: str) -> str:
    """The full name that a class or function had at first, which stands for it in hashes; the inverse of `CLASSES`."""
    return next((old for old, new in CLASSES.items() if new == name), name)


def with_current_names(node: Any) -> Any:
    """A config node with every ``_target_`` in it as it is called now."""
    if isinstance(node, Mapping):
        return {
            key: current_name(value) if key == "_target_" and isinstance(value, str) else with_current_names(value)
            for key, value in node.items()
        }
    return [with_current_names(value) for value in node] if isinstance(node, list | tuple) else node


def moved_member(module: str, name: str) -> Any:
    """A class or function that ``module`` had earlier, from where it is now; for a module's ``__getattr__``.

    Raises:
        AttributeError: ``module`` never had it.
    """
    full = f"{module}.{name}"
    if full not in CLASSES:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    place, _, member = CLASSES[full].rpartition(".")
    return getattr(import_module(place), member)


class MovedModules(MetaPathFinder, Loader):
    """Imports modules by their old names.

    Both names of a module that moved give the same module. One whose classes went to several modules becomes a module
    that looks them up there.
    """

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        # Python tries this finder last, so only what no longer exists is looked for here.
        is_split = any(old.rpartition(".")[0] == name for old in CLASSES)
        return ModuleSpec(name, self) if name in MODULES or is_split else None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ not in MODULES:
            vars(module)["__getattr__"] = partial(moved_member, module.__name__)
            return
        # importlib returns what stands in sys.modules afterwards, so the empty module that it made is dropped.
        sys.modules[module.__name__] = import_module(MODULES[module.__name__])


def install_moved_modules() -> None:
    """Let old names of modules be imported."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(MovedModules())
