"""What is measured: networks and batches of certain sizes, on one task that can be made of any length."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqprobe.checks import InvalidValue, integer, number
from seqprobe.config.build import build_experiment
from seqprobe.config.compose import Plain
from seqprobe.config.targets import check_keys
from seqprobe.learning.experiment import Experiment

UPDATES_PER_PASS = 200
"""Training sets are so large that an epoch's own cost does not show in the common way's."""
VALIDATED = 10
"""One sequence is validated for so many trained on, about as in a run of 1,000 updates of 16 that validates 80."""


@dataclass(frozen=True)
class Shape:
    """The sizes that decide how long an update takes.

    Attributes:
        model: a name in the config's ``models``.
        batch, time, hidden: sequences in a batch, steps in a sequence, units.
        goals: how many times cheaper per seed and update than the common way, by number of seeds.
        bare: how many times a bare loop's time one seed may take.
    """

    model: str
    batch: int
    time: int
    hidden: int
    goals: Mapping[int, float] = field(default_factory=dict, hash=False)
    bare: float | None = None

    def __str__(self) -> str:
        return f"{self.model} B{self.batch} T{self.time} H{self.hidden}"


def read_shapes(nodes: Any, models: Mapping[str, Any]) -> list[Shape]:
    """The config's ``shapes``, checked.

    Raises:
        InvalidValue: a key or value does not fit.
    """
    if not isinstance(nodes, list) or not nodes:
        raise InvalidValue("shapes", nodes, "must be a list of shapes, {model: lstm, batch: 32, time: 3, hidden: 16} …")
    shapes = []
    for index, node in enumerate(nodes):
        key = f"shapes[{index}]"
        if not isinstance(node, dict):
            raise InvalidValue(key, node, "must be a shape, as {model: lstm, batch: 32, time: 3, hidden: 16}")
        check_keys(key, node, ["model", "batch", "time", "hidden", "goals", "bare"])
        if node.get("model") not in list(models):
            raise InvalidValue(f"{key}.model", node.get("model"), f"must be one of {', '.join(models)}")
        least = {"batch": 1, "time": 2, "hidden": 1}
        sizes = {name: integer(f"{key}.{name}", node.get(name), minimum) for name, minimum in least.items()}
        goals, bare = node.get("goals") or {}, node.get("bare")
        if not isinstance(goals, dict):
            raise InvalidValue(f"{key}.goals", goals, "must be ratios by number of seeds, as {16: 15}, or null")
        ratios = {
            integer(f"{key}.goals", seeds): number(f"{key}.goals.{seeds}", ratio) for seeds, ratio in goals.items()
        }
        shapes.append(
            Shape(node["model"], **sizes, goals=ratios, bare=None if bare is None else number(f"{key}.bare", bare))
        )
    check_unique("shapes", [str(shape) for shape in shapes])
    return shapes


def check_unique(key: str, values: Sequence[Any]) -> None:
    """Refuse a list that names something twice.

    Raises:
        InvalidValue: it does.
    """
    if len(set(values)) < len(values):
        raise InvalidValue(key, list(values), "must not have duplicates")


def plain_experiment(config: Plain, shape: Shape, seeds: Sequence[int], engine: str, updates: int) -> Plain:
    """The config of a training run of ``updates`` updates in this shape, as the command line would compose it.

    Its code was checked where the benchmark began, with the user's ``--config-dir``.
    """
    plain = copy.deepcopy({key: config[key] for key in ("task", "optimizer", "trainer", "tracking", "threads")})
    trained = shape.batch * min(updates, plain["trainer"]["val_every"] or updates)
    sizes = {"train_size": UPDATES_PER_PASS * shape.batch, "val_size": max(1, trained // VALIDATED)}
    plain["task"] |= {"points": shape.time, "batch_size": shape.batch, "spacing": "uniform", **sizes}
    plain["task"].pop("probes", None)
    plain["trainer"]["max_steps"] = updates
    names = {"task": plain["task"]["name"], "model": shape.model, "preset": None, "overrides": None, "sweep": None}
    model = config["models"][shape.model] | {"hidden_size": shape.hidden}
    return {**plain, "model": model, "seeds": list(seeds), "engine": engine, "names": names, "trust": True}


def shape_experiment(config: Plain, shape: Shape, seeds: Sequence[int], engine: str, updates: int) -> Experiment:
    """What `plain_experiment` describes."""
    return build_experiment(plain_experiment(config, shape, seeds, engine, updates))
