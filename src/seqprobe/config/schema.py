"""The typed root of every configuration."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, BooleanNode, OmegaConf
from omegaconf.errors import ValidationError

from seqprobe.checks import InvalidValue
from seqprobe.config.places import home, resources
from seqprobe.learning.settings import TrainerSettings


@dataclass
class Names:
    """What runs are called: the chosen config files, what else was overridden, and the sweep that they are part of.

    Attributes:
        trial: of a tuning, whose runs comparisons leave out.
        tuned: how thoroughly the settings were tuned, in words.
    """

    task: str = MISSING
    model: str = MISSING
    preset: str | None = None
    overrides: str | None = None
    sweep: str | None = None
    trial: str | None = None
    tuned: str | None = None


@dataclass
class Config:
    """The root. ``task``, ``model``, ``optimizer``, ``scheduler`` and ``tracking`` are nodes with a ``_target_``.

    Attributes:
        scheduler: of the learning rate; None keeps it as it is.
        loss: what is trained instead of the task's own loss.
        seeds: a count (``8`` means 0…7) or a list (``[3, 7]``).
        engine: ``stacked``, ``looped``, ``compiled`` or ``auto``.
        threads: CPU threads of one training; small networks lose time with more than one.
        rerun: whether to train what is finished already.
        trust: whether a ``_target_`` may name code outside seqprobe, torch and ``--config-dir``.
    """

    task: Any = MISSING
    model: Any = MISSING
    optimizer: Any = MISSING
    scheduler: Any = None
    loss: Any = None
    trainer: TrainerSettings = field(default_factory=lambda: TrainerSettings(max_steps=1000))
    tracking: Any = MISSING
    seeds: Any = 5
    engine: str = "auto"
    threads: int = 1
    rerun: bool = False
    trust: bool = False
    names: Names = field(default_factory=Names)


@dataclass
class StoreConfig:
    """The root of commands that train nothing, ``conf/store.yaml``."""

    tracking: Any = MISSING
    trust: bool = False


@dataclass
class BenchConfig:
    """The root of the benchmark's config, ``conf/bench.yaml``; its comments explain the keys."""

    models: Any = MISSING
    task: Any = MISSING
    optimizer: Any = MISSING
    trainer: TrainerSettings = field(default_factory=lambda: TrainerSettings(max_steps=1000))
    tracking: Any = MISSING
    shapes: Any = MISSING
    seeds: Any = MISSING
    engines: Any = MISSING
    rounds: Any = MISSING
    seconds: Any = MISSING
    threads: int = 1
    profile: bool = True
    page: str | None = None
    against: str | None = None
    trust: bool = False


@dataclass
class ReproduceConfig:
    """The root of a reproduction's config, ``conf/reproduce.yaml``; its comments explain the keys."""

    claims: Any = MISSING
    post: Any = None
    seeds: Any = MISSING
    jobs: Any = MISSING
    engine: Any = MISSING
    tracking: Any = MISSING
    again: Any = None
    originals: Any = None
    page: Any = None
    verdicts: Any = None
    trust: bool = False


@dataclass
class CompareConfig:
    """The root of a comparison's config, ``conf/compare.yaml``; its comments explain the keys."""

    tracking: Any = MISSING
    tasks: Any = None
    experiments: Any = None
    models: Any = None
    since: Any = None
    sweep_id: Any = None
    against: Any = None
    fail_on: Any = "worse"
    formats: Any = MISSING
    folder: Any = MISSING
    ui: Any = None
    trust: bool = False


@dataclass
class TuneConfig:
    """The root of a tuning's config, ``conf/tune.yaml``; its comments explain the keys."""

    space: Any = None
    trials: Any = MISSING
    seeds: Any = MISSING
    batch: Any = MISSING
    rungs: Any = MISSING
    reduction: Any = MISSING
    retrain: Any = MISSING
    sampler_seed: Any = MISSING
    engine: Any = MISSING


def check_complete(config: Any, root: str) -> None:
    """Refuse a training's config from which an override has removed a key.

    Raises:
        InvalidValue: one that has a value by default is missing.
    """
    for entry in dataclasses.fields(Config) if root == "config" else ():
        if entry.name not in config and entry.default not in (None, MISSING):
            raise InvalidValue(entry.name, None, f"cannot be removed: set {entry.name}=…")


def register() -> None:
    """Make the schema and the ``${seqprobe_home:}`` resolver known to Hydra."""
    ConfigStore.instance().store(name="schema", node=Config)
    ConfigStore.instance().store(name="store_schema", node=StoreConfig)
    ConfigStore.instance().store(name="bench_schema", node=BenchConfig)
    ConfigStore.instance().store(name="reproduce_schema", node=ReproduceConfig)
    ConfigStore.instance().store(name="compare_schema", node=CompareConfig)
    ConfigStore.instance().store(name="tune_schema", node=TuneConfig)
    OmegaConf.register_new_resolver("seqprobe_home", lambda: str(home()), replace=True)
    OmegaConf.register_new_resolver("seqprobe_data", lambda name: str(resources("conf") / "data" / name), replace=True)


def boolean(key: str, text: str) -> bool:
    """The truth value of a text, in any spelling that a config takes.

    Raises:
        InvalidValue: it is neither true nor false.
    """
    try:
        return bool(BooleanNode().validate_and_convert(text))
    except ValidationError as problem:
        raise InvalidValue(key, text, "must be true or false") from problem
