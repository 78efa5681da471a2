"""Objects of a notebook as parts of a config: a task, a model or a cell, and probes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from hydra.core.config_store import ConfigStore

from seqprobe.checks import InvalidValue, plain_name
from seqprobe.config.choices import NOTEBOOK_PREFIX
from seqprobe.config.compose import quote_override
from seqprobe.config.object_source import snake_case, target_name
from seqprobe.constructed import Constructed


def task_overrides(task: Any) -> list[str]:
    """The overrides that choose a task: a choice by its name, an object, or a class.

    Raises:
        InvalidValue: it is none of these, or cannot be recorded.
    """
    from seqprobe.tasks import Task

    if isinstance(task, str):
        return [f"task={task}"]
    if not isinstance(task, Task) and not (isinstance(task, type) and issubclass(task, Task)):
        raise InvalidValue("task", type(task).__name__, "must be a task's name, a seqprobe Task, or a class of these")
    name = plain_name("task", task.name if isinstance(task, Task) else default_name(task))
    node = object_node("task", task)
    defaults = default_settings(task if isinstance(task, type) else type(task))
    # What differs from the defaults is overridden, and not stated in the node: names of runs then tell it.
    differing = {key: value for key, value in node.items() if key in defaults and is_scalar(value)}
    required = {key: value for key, value in node.items() if key not in differing}
    store_choice("task", name, {"task": {**defaults, **required}}, "_global_")
    changed = [f"task.{key}={scalar_text(value)}" for key, value in differing.items() if value != defaults[key]]
    return [f"task={NOTEBOOK_PREFIX}{name}", f"names.task={name}", *changed]


def is_scalar(value: Any) -> bool:
    """Whether a value is one number or text."""
    return isinstance(value, bool | int | float | str)


def scalar_text(value: bool | int | float | str) -> str:
    """A number or a text as an override states it."""
    return quote_override(value) if isinstance(value, str) else str(value).lower()


def default_settings(kind: type) -> dict[str, Any]:
    """The constructor's arguments that have a number or a text as their default: keys that may be overridden."""
    parameters = inspect.signature(kind).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters if is_scalar(parameter.default)}


def default_name(task: type) -> str:
    """What a task of a class is called unless its constructor is told otherwise."""
    name = inspect.signature(task).parameters.get("name")
    stated = None if name is None or name.default is name.empty else name.default
    return stated if isinstance(stated, str) else snake_case(task.__name__)


def model_overrides(model: Any) -> list[str]:
    """The overrides that choose a model: a choice by its name, a class of modules, or a class of cells.

    Raises:
        InvalidValue: it is none of these, or cannot be recorded.
    """
    from torch import nn

    from seqprobe.models import Cell

    if isinstance(model, str):
        return [f"model={model}"]
    if not isinstance(model, type) or not issubclass(model, nn.Module):
        allowed = "must be a model's name, or a class of torch modules or seqprobe cells: every seed builds its own"
        raise InvalidValue("model", type(model).__name__, allowed)
    name = plain_name("model", snake_case(model.__name__))
    is_cell = issubclass(model, Cell)
    store_choice("model", name, cell_node(model) if is_cell else model_node(model))
    return [f"model={NOTEBOOK_PREFIX}{name}", f"names.model={name}"]


def cell_node(cell: type) -> Any:
    """A recurrent network with a cell of the notebook's."""
    return {"defaults": ["rnn", "_self_"], "cell": {"_target_": target_name("model", cell)}}


def model_node(model: type) -> Any:
    """A module that is built from the task's sizes; its other arguments are keys, with their defaults."""
    return {"_target_": target_name("model", model), "_partial_": True, **default_settings(model)}


def probe_overrides(probes: Mapping[str, Any]) -> list[str]:
    """The overrides that add probes, by the names that they get: choices by their names, objects, or classes.

    Raises:
        InvalidValue: one is none of these, or cannot be recorded.
    """
    from seqprobe.probes import Probe

    overrides = []
    for name, probe in probes.items():
        key = f"probes.{plain_name('probes', name)}"
        if not isinstance(probe, str):
            if not isinstance(probe, Probe) and not (isinstance(probe, type) and issubclass(probe, Probe)):
                raise InvalidValue(key, type(probe).__name__, "must be a probe's name, or a seqprobe Probe")
            store_choice("probe", name, object_node(key, probe))
        overrides.append(f"+probe@task.probes.{name}={probe if isinstance(probe, str) else f'{NOTEBOOK_PREFIX}{name}'}")
    return overrides


def store_choice(group: str, name: str, node: Any, package: str | None = None) -> None:
    """Make a node a choice of a group in this process."""
    ConfigStore.instance().store(name=f"{NOTEBOOK_PREFIX}{name}", node=node, group=group, package=package)


def object_node(key: str, thing: Any) -> dict[str, Any]:
    """A class, or an object with the arguments that it was constructed with, as a config's node.

    Raises:
        InvalidValue: it cannot be recorded.
    """
    if isinstance(thing, type):
        return {"_target_": target_name(key, thing)}
    stated = {name: plain_value(f"{key}.{name}", value) for name, value in thing.stated_arguments.items()}
    return {"_target_": target_name(key, type(thing)), **stated}


def plain_value(key: str, value: Any) -> Any:
    """An argument as a config has it.

    Raises:
        InvalidValue: a config cannot state it.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(name): plain_value(f"{key}.{name}", item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(f"{key}[{index}]", item) for index, item in enumerate(value)]
    if isinstance(value, Constructed):
        return object_node(key, value)
    if isinstance(value, type | FunctionType):
        return {"_target_": target_name(key, value), "_partial_": True}
    allowed = (
        "cannot be recorded: arguments are numbers, texts, lists of them, classes, or objects of seqprobe's classes"
    )
    raise InvalidValue(key, type(value).__name__, allowed)
