"""Objects from a composed config: the experiment that is trained, and the store that records it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqprobe.checks import PLAIN_NAME, InvalidValue, integer, is_plain_name, plain_name
from seqprobe.config.compose import Plain
from seqprobe.config.object_source import object_folders
from seqprobe.config.optimization import check_optimizer, make_loss, make_optimizer, make_scheduler
from seqprobe.config.schema import Config, Names
from seqprobe.config.targets import allowed_keys, call, check_keys, make, prefixed_keys, resolve_target
from seqprobe.config.trust import check_trust
from seqprobe.learning.settings import TrainerSettings
from seqprobe.moved_names import RETIRED_PROBES, current_name
from seqprobe.seeds import parse_seeds
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from seqprobe.learning.experiment import Experiment

MOST_THREADS = 1024
"""More than any machine has processors; far beyond it OpenMP ends the process."""


def build_store(plain: Plain, config_dir: Path | None = None) -> Store:
    """The store that ``tracking`` names, to record in; checked but not written to.

    Args:
        config_dir: the user's folder, whose code is trusted.

    Raises:
        InvalidValue: it cannot be used.
    """
    store = stated_store(plain, config_dir)
    store.check()
    return store


def readable_store(plain: Plain, config_dir: Path | None = None) -> Store:
    """The store that ``tracking`` names, to read from; it may be read-only.

    Raises:
        InvalidValue: it cannot be read.
    """
    store = stated_store(plain, config_dir)
    store.check_readable()
    return store


def stated_store(plain: Plain, config_dir: Path | None) -> Store:
    """The store that ``tracking`` names, unchecked.

    Raises:
        InvalidValue: it names none.
    """
    node = plain["tracking"]
    if not isinstance(node, dict):
        raise InvalidValue("tracking", node, "must be a store's config")
    for key in ("dir", "uri"):
        if not isinstance(node.get(key, ""), str):
            raise InvalidValue(f"tracking.{key}", node[key], "must be text")
    check_trust({"trust": plain.get("trust", False), "tracking": node}, trusted_folders(config_dir))
    store: Store = make("tracking", store_node(node), Store)
    return store


def store_node(node: Plain) -> Plain:
    """The arguments of a store itself: ``dir`` is also where workspaces are, and a server's store takes none."""
    allowed = allowed_keys(node, resolve_target("tracking", node["_target_"])) if "_target_" in node else None
    return {key: value for key, value in node.items() if key != "dir" or allowed is None or "dir" in allowed}


def trusted_folders(config_dir: Path | None) -> list[Path]:
    """Folders whose modules a config may name: the user's, and that of what this process's notebook defines."""
    return [*([] if config_dir is None else [config_dir]), *object_folders()]


def build_experiment(plain: Plain, config_dir: Path | None = None) -> Experiment:
    """Everything that decides the results, checked.

    Args:
        config_dir: the user's folder, whose code is trusted.

    Raises:
        InvalidValue: something in the config does not fit.
    """
    # PyTorch takes seconds to load, which commands that only need the store do not wait for.
    from seqprobe.learning.experiment import Experiment
    from seqprobe.probes import Probe
    from seqprobe.tasks import Task
    from seqprobe.tasks.stated_sizes import check_task

    check_schema(plain)
    check_trust(plain, trusted_folders(config_dir))
    probes, task_node = split_probes(plain["task"])
    task = make("task", task_node, Task)
    check_task(task)
    network, optimizer = make("model", plain["model"]), make_optimizer(plain["optimizer"])
    scheduler = make_scheduler(plain.get("scheduler"))
    experiment = Experiment(
        task=task,
        network=lambda *sizes: build_network(plain["model"], network, *sizes),
        optimizer=lambda parameters: call("optimizer", plain["optimizer"], optimizer, parameters),
        scheduler=scheduler,
        loss=make_loss(plain.get("loss")),
        seeds=parse_seeds(plain["seeds"]),
        trainer=trainer_settings(plain["trainer"]),
        probes={name: make(f"task.probes.{name}", node, Probe) for name, node in probes.items()},
        engine=plain["engine"],
        title=f"{task.name} · {plain['names']['model']}",
    )
    check_experiment(experiment)
    check_optimizer(plain["optimizer"], optimizer)
    return experiment


def build_network(node: Any, network: Any, *sizes: Any) -> Any:
    """An untrained network of the task's sizes; where a constructor does not take them, the error names them.

    Raises:
        InvalidValue: it cannot be built.
    """
    try:
        return call("model", node, network, *sizes)
    except InvalidValue as problem:
        if "were given" not in problem.allowed:
            raise
        allowed = f"{problem.allowed}; a model is built from input_size, output_size, kind, max_length"
        raise InvalidValue(problem.key, problem.value, allowed) from problem


def check_schema(plain: Plain) -> None:
    """Refuse what ``+key=value`` adds to nodes whose keys are fixed, and threads beyond any machine."""
    for key, node, kind in (("", plain, Config), ("names", plain["names"], Names)):
        check_keys(key, node, [field.name for field in dataclasses.fields(kind)])
    integer("threads", plain["threads"], maximum=MOST_THREADS)
    for key in ("task", "model", "preset", "sweep"):
        name = plain["names"].get(key)
        if name is not None and not all(is_plain_name(part) for part in name.split("/")):  # post0/sine is in a folder
            raise InvalidValue(f"names.{key}", name, PLAIN_NAME)


def check_experiment(experiment: Experiment) -> None:
    """Check how the parts fit together, and on a few sequences what code of the user's own returns."""
    from seqprobe.evaluation.probe_check import check_probes
    from seqprobe.learning.network_check import check_network
    from seqprobe.tasks.sample_check import check_samples
    from seqprobe.user_calls import is_users_class

    if is_users_class(experiment.task):
        check_samples(experiment.task)
    for name, probe in experiment.probes.items():
        with prefixed_keys(f"task.probes.{name}"):
            probe.check(experiment.task)
    experiment.build_network()
    experiment.check()
    check_network(experiment)
    check_probes(experiment)


def split_probes(task: Plain) -> tuple[Plain, Plain]:
    """The task's probes, without those that are none any more, and the task's node without them."""
    if not isinstance(task, dict):
        raise InvalidValue("task", task, "must be a task's config")
    probes = task.get("probes") or {}
    if not isinstance(probes, dict):
        raise InvalidValue("task.probes", probes, "must be names with a probe's config each, or null")
    if "_target_" in probes:
        raise InvalidValue("task.probes", probes["_target_"], "a probe needs a name: +probe@task.probes.NAME=…")
    for name in probes:
        plain_name("task.probes", name)
    current = {name: node for name, node in probes.items() if not is_retired(node)}
    return current, {key: value for key, value in task.items() if key != "probes"}


def is_retired(node: Any) -> bool:
    """Whether a probe's node names one that an earlier version had."""
    return isinstance(node, dict) and current_name(str(node.get("_target_"))) in RETIRED_PROBES


def trainer_settings(node: Plain) -> TrainerSettings:
    """The trainer's settings, with full keys in errors."""
    check_keys("trainer", node, [field.name for field in dataclasses.fields(TrainerSettings)])
    with prefixed_keys("trainer"):
        return TrainerSettings(**node)
