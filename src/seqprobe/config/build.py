"""From a composed config to the objects that train and record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from seqprobe.checks import InvalidValue, integer, number
from seqprobe.learning.settings import TrainerSettings
from seqprobe.learning.train import Experiment
from seqprobe.probes import Probe
from seqprobe.seeds import parse_seeds
from seqprobe.tasks import Task
from seqprobe.tracking.recorder import Description, MLflowRecorder
from seqprobe.tracking.store import Store

Plain = dict[str, Any]


def resolved(config: DictConfig) -> Plain:
    """The config as plain containers, with every interpolation replaced."""
    plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def make(key: str, node: Any, kind: type | None = None) -> Any:
    """Instantiate a node of the config.

    Raises:
        InvalidValue: it has no ``_target_``, its arguments do not fit, or what it makes is no ``kind``; keys in the
            message are full ones.
    """
    if not isinstance(node, Mapping) or "_target_" not in node:
        raise InvalidValue(key, node, "must have a _target_")
    try:
        made = instantiate(dict(node), _convert_="all")
    except InstantiationException as problem:
        raise explained(key, node, problem) from problem
    if kind is not None and not isinstance(made, kind):
        raise InvalidValue(f"{key}._target_", node["_target_"], f"must be a seqprobe {kind.__name__}")
    return made


def explained(key: str, node: Any, problem: InstantiationException) -> InvalidValue:
    """What Hydra could not instantiate, with the full key of the argument that was wrong."""
    _, _, inner = str(problem).partition("full_key: ")
    full_key = f"{key}.{inner}" if inner else key
    cause: BaseException | None = problem
    while cause is not None and isinstance(cause, InstantiationException):
        cause = cause.__cause__
    if isinstance(cause, InvalidValue):
        return InvalidValue(f"{full_key}.{cause.key}", cause.value, cause.allowed)
    reason = " ".join(str(cause if cause is not None else problem).split())
    return InvalidValue(full_key, node.get("_target_"), reason)


def call(key: str, node: Any, factory: Callable[..., Any], *arguments: Any) -> Any:
    """Call a partial that `make` made; its errors name full keys as well."""
    try:
        return factory(*arguments)
    except InvalidValue as problem:
        raise InvalidValue(f"{key}.{problem.key}", problem.value, problem.allowed) from problem
    except InstantiationException as problem:
        raise explained(key, node, problem) from problem
    except (TypeError, ValueError) as problem:
        raise InvalidValue(key, node["_target_"], " ".join(str(problem).split())) from problem


def build_experiment(plain: Plain) -> Experiment:
    """Everything that decides the results, checked.

    Raises:
        InvalidValue: something in the config does not fit.
    """
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
    integer("threads", plain["threads"])
    experiment.check()
    return experiment


def split_probes(task: Plain) -> tuple[Plain, Plain]:
    """The task's probes, and the task's node without them."""
    if not isinstance(task, dict):
        raise InvalidValue("task", task, "must be a task's config")
    return task.get("probes") or {}, {key: value for key, value in task.items() if key != "probes"}


def make_optimizer(node: Plain) -> Callable[..., Any]:
    """A partial that takes parameters."""
    if "lr" in node and number("optimizer.lr", node["lr"]) <= 0:
        raise InvalidValue("optimizer.lr", node["lr"], "must be > 0")
    optimizer: Callable[..., Any] = make("optimizer", {**node, "_partial_": True})
    return optimizer


def trainer_settings(node: Plain) -> TrainerSettings:
    """The trainer's settings, with full keys in errors."""
    try:
        return TrainerSettings(**node)
    except InvalidValue as problem:
        raise InvalidValue(f"trainer.{problem.key}", problem.value, problem.allowed) from problem


def build_store(plain: Plain) -> Store:
    """The store that ``tracking`` names, checked but not touched."""
    store: Store = make("tracking", plain["tracking"], Store)
    store.check()
    return store


def build_recorder(plain: Plain, experiment: Experiment) -> MLflowRecorder:
    """The recorder of one population."""
    names, task = plain["names"], experiment.task
    sizes = {
        "input_size": task.input_size,
        "output_size": task.output_size,
        "kind": task.kind,
        "max_length": task.max_length,
    }
    model = names["model"] if names["preset"] is None else f"{names['model']} · {names['preset']}"
    description = Description(
        experiment=task.name,
        name=model,
        seeds=experiment.seeds,
        params=flat_params(plain),
        tags={"seqprobe.sweep": names["sweep"]} if names["sweep"] else {},
        texts={"config.yaml": yaml.safe_dump(plain, sort_keys=False)},
        network={"model": plain["model"], "sizes": sizes},
        loader="seqprobe.config.serving",
    )
    return MLflowRecorder(build_store(plain), description)


def flat_params(plain: Plain) -> Plain:
    """What people group and compare runs by: names, and the plain settings of model, optimizer, trainer and task."""
    names, optimizer = plain["names"], plain["optimizer"]
    model = {key: value for key, value in plain["model"].items() if is_scalar(key, value)}
    shared = {"optimizer": optimizer["_target_"].rpartition(".")[2], "lr": optimizer.get("lr")}
    sizes = {key: plain["task"][key] for key in ("batch_size", "train_size") if key in plain["task"]}
    steps = {"max_steps": plain["trainer"]["max_steps"], "precision": plain["trainer"]["precision"]}
    return {
        **model,
        **shared,
        **sizes,
        **steps,
        "task": names["task"],
        "model": names["model"],
        "preset": names["preset"],
    }


def is_scalar(key: str, value: Any) -> bool:
    """True for settings that fit into one MLflow param."""
    return not key.startswith("_") and isinstance(value, str | int | float)
