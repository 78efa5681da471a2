"""From a composed config to the objects that train and record."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from seqprobe.checks import InvalidValue, integer, number
from seqprobe.config.plain import Plain, build_store
from seqprobe.config.schema import Config, Names
from seqprobe.config.targets import call, check_keys, make, under
from seqprobe.config.trust import check_trust
from seqprobe.learning.experiment import ELEMENTWISE, Experiment
from seqprobe.learning.settings import TrainerSettings
from seqprobe.probes import Probe
from seqprobe.seeds import parse_seeds
from seqprobe.tasks import Task

MOST_THREADS = 1024
"""More than any machine has processors; far beyond it OpenMP ends the process."""


def build_experiment(plain: Plain) -> Experiment:
    """Everything that decides the results, checked.

    Raises:
        InvalidValue: something in the config does not fit.
    """
    check_schema(plain)
    check_trust(plain)
    probes, task_node = split_probes(plain["task"])
    task = make("task", task_node, Task)
    network, optimizer = make("model", plain["model"]), make_optimizer(plain["optimizer"])
    title = " · ".join([plain["names"]["task"], plain["names"]["model"]])
    experiment = Experiment(
        task=task,
        network=lambda *sizes: call("model", plain["model"], network, *sizes),
        optimizer=lambda parameters: call("optimizer", plain["optimizer"], optimizer, parameters),
        seeds=parse_seeds(plain["seeds"]),
        trainer=trainer_settings(plain["trainer"]),
        probes={name: make(f"task.probes.{name}", node, Probe) for name, node in probes.items()},
        engine=plain["engine"],
        title=title,
    )
    check_whole(experiment)
    return experiment


def check_schema(plain: Plain) -> None:
    """Refuse what ``+key=value`` adds to nodes whose keys are fixed, and threads beyond any machine."""
    for key, node, kind in (("", plain, Config), ("names", plain["names"], Names)):
        check_keys(key, node, [field.name for field in dataclasses.fields(kind)])
    if integer("threads", plain["threads"]) > MOST_THREADS:
        raise InvalidValue("threads", plain["threads"], f"must be an integer in 1 … {MOST_THREADS}")


def check_whole(experiment: Experiment) -> None:
    """What shows only when the parts meet: probes on the task, the network with the task's sizes."""
    for name, probe in experiment.probes.items():
        with under(f"task.probes.{name}"):
            probe.check(experiment.task)
    experiment.build_network()
    experiment.check()


def split_probes(task: Plain) -> tuple[Plain, Plain]:
    """The task's probes, and the task's node without them."""
    if not isinstance(task, dict):
        raise InvalidValue("task", task, "must be a task's config")
    probes = task.get("probes") or {}
    if not isinstance(probes, dict):
        raise InvalidValue("task.probes", probes, "must be names with a probe's config each, or null")
    return probes, {key: value for key, value in task.items() if key != "probes"}


def make_optimizer(node: Plain) -> Callable[..., Any]:
    """A partial that takes parameters."""
    if not isinstance(node, dict):
        raise InvalidValue("optimizer", node, "must be an optimizer's config")
    if str(node.get("_target_")).rpartition(".")[2] not in ELEMENTWISE:
        raise InvalidValue("optimizer._target_", node.get("_target_"), f"must be one of {', '.join(ELEMENTWISE)}")
    if "lr" in node and number("optimizer.lr", node["lr"]) <= 0:
        raise InvalidValue("optimizer.lr", node["lr"], "must be > 0")
    optimizer: Callable[..., Any] = make("optimizer", {**node, "_partial_": True})
    return optimizer


def trainer_settings(node: Plain) -> TrainerSettings:
    """The trainer's settings, with full keys in errors."""
    check_keys("trainer", node, [field.name for field in dataclasses.fields(TrainerSettings)])
    with under("trainer"):
        return TrainerSettings(**node)


def check(plain: Plain) -> None:
    """Refuse a wrong config before anything is shown or written.

    Raises:
        InvalidValue: something in it does not fit.
    """
    build_experiment(plain)
    build_store(plain)
