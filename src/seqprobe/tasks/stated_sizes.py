"""What a task has to state, checked on the object: a task of the user's own may state it as it likes."""

from __future__ import annotations

from typing import Any

from seqprobe.checks import InvalidValue, choice, integer, plain_name
from seqprobe.tasks.task import KINDS, LOSSES, Task

RESERVED_NAMES = ("bench", "comparison", "reproduce")
"""Experiments in MLflow that commands record into."""
SIZES = ("input_size", "output_size", "max_length", "val_size", "batch_size")


def check_task(task: Task) -> None:
    """Refuse a task that lacks something, or states what nothing else knows.

    Raises:
        InvalidValue: there is something.
    """
    name = plain_name("task.name", required_attribute(task, "name"))
    if name in RESERVED_NAMES:
        raise InvalidValue("task.name", name, f"must not be one of {', '.join(RESERVED_NAMES)}: commands record there")
    choice("task.kind", required_attribute(task, "kind"), KINDS)
    choice("task.loss", required_attribute(task, "loss"), LOSSES)
    for name in SIZES:
        integer(f"task.{name}", required_attribute(task, name))
    if required_attribute(task, "train_size") is not None:
        integer("task.train_size", task.train_size)


def required_attribute(task: Task, name: str) -> Any:
    """An attribute that every task has.

    Raises:
        InvalidValue: it has none of that name.
    """
    if not hasattr(task, name):
        raise InvalidValue(
            f"task.{name}", None, f"is missing: {type(task).__name__}.__init__ sets it by super().__init__"
        )
    return getattr(task, name)
