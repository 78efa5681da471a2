"""The options of pipelines/tune.py, parsed and checked once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.config.compose import compose_config
from seqprobe.config.schema import TuneConfig
from seqprobe.config.search_space import Dimension, parse_space
from seqprobe.config.targets import check_keys
from seqprobe.learning.engine_choice import ENGINE_CHOICES
from seqprobe.seeds import parse_seeds

OWN_KEYS = [field.name for field in dataclasses.fields(TuneConfig)]
NOT_SEARCHED = ("seeds", "engine", "threads", "rerun", "trust", "task", "loss", "experiment", "sweep", "model")
"""Keys that are no settings of a model: what is learned and measured would no longer be the same."""
BUDGET = "trainer.max_steps"


@dataclass(frozen=True)
class TuningOptions:
    """What a tuning is called with; conf/tune.yaml explains the keys.

    Attributes:
        space: what is searched, as far as a model has it.
        trials: of each model.
        seeds: of every trial.
        fresh_seeds: with which the best settings are trained at the end.
        rungs: shares of seeds and updates.
    """

    space: Sequence[Dimension]
    trials: int
    seeds: Sequence[int]
    fresh_seeds: Sequence[int]
    batch: int
    rungs: Sequence[float]
    reduction: float
    sampler_seed: int
    engine: str

    @classmethod
    def parse(cls, overrides: Sequence[str], config_dir: Path | None) -> tuple[TuningOptions, list[str]]:
        """The options that overrides state, and the other overrides, which are those of the trainings.

        Raises:
            InvalidValue: something does not fit.
        """
        of_tuning = [text for text in overrides if text.lstrip("+~").partition("=")[0].partition(".")[0] in OWN_KEYS]
        others = [text for text in overrides if text not in of_tuning]
        plain = compose_config(of_tuning, config_dir, "tune").config
        check_keys("", plain, OWN_KEYS)
        space = parse_space(plain["space"])
        check_searched(space)
        seeds, retrain = parse_seeds(plain["seeds"]), integer("retrain", plain["retrain"], minimum=0)
        reduction = number("reduction", plain["reduction"])
        if reduction <= 1:
            raise InvalidValue("reduction", plain["reduction"], "must be greater than 1")
        options = cls(
            space=space,
            trials=integer("trials", plain["trials"]),
            seeds=seeds,
            fresh_seeds=range(max(seeds) + 1, max(seeds) + 1 + retrain),
            batch=integer("batch", plain["batch"], minimum=2),
            rungs=parse_rungs(plain["rungs"]),
            reduction=reduction,
            sampler_seed=integer("sampler_seed", plain["sampler_seed"], minimum=0),
            engine=choice("engine", plain["engine"], ENGINE_CHOICES),
        )
        return options, others


def check_searched(space: Sequence[Dimension]) -> None:
    """Refuse dimensions that would make the trials' losses incomparable, or their budgets different.

    Raises:
        InvalidValue: there is one.
    """
    for dimension in space:
        key = f"space.{dimension.key}"
        group = dimension.key.partition(".")[0]
        if dimension.key == BUDGET:
            raise InvalidValue(key, list(dimension.ends), f"is the budget, which is the same for all: set {BUDGET}=…")
        is_named = dimension.key in NOT_SEARCHED or group in ("names", "tracking", "hydra", *OWN_KEYS)
        if is_named or (group in ("task", "loss") and dimension.key != "task.batch_size"):
            raise InvalidValue(
                key, list(dimension.ends), "is no setting by which trainings of one task can be compared"
            )


def parse_rungs(value: Any) -> list[float]:
    """Increasing shares below 1.

    Raises:
        InvalidValue: they are something else.
    """
    allowed = "must be a list of increasing shares between 0 and 1, as in rungs=[0.25,0.5], or []"
    if not isinstance(value, list):
        raise InvalidValue("rungs", value, allowed)
    shares = [number("rungs", share) for share in value]
    if shares != sorted(set(shares)) or any(not 0 < share < 1 for share in shares):
        raise InvalidValue("rungs", value, allowed)
    return shares
