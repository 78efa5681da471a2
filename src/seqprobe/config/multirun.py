"""Several runs from one command line: comma-separated values and sweep= files, expanded to a list of overrides each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob
from omegaconf import DictConfig, OmegaConf

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import composed

LAUNCHERS, SWEEPER = ("processes", "ray", "slurm"), "basic"
"""The choices of hydra/launcher and hydra/sweeper for which this module stands in."""
MOST_RUNS = 1_000_000
"""Of one command: all of them are composed before the first begins, which more would never end."""
ONLY_TRAIN = "is not for pipelines/sweep.py; use pipelines/train.py -m"


@dataclass(frozen=True)
class LauncherChoice:
    """Where the jobs of a multirun run.

    Attributes:
        name: the choice of ``hydra/launcher``.
        settings: the keys of its config.
    """

    name: str
    settings: Mapping[str, Any]

    @classmethod
    def parse(cls, config: DictConfig) -> LauncherChoice:
        """The choice that a composed config states in its node ``hydra``.

        Raises:
            InvalidValue: it is a launcher of somebody else's, with which Hydra itself has to run the jobs.
        """
        name = config.hydra.runtime.choices["hydra/launcher"]
        if name not in LAUNCHERS:
            raise InvalidValue("hydra/launcher", name, f"{ONLY_TRAIN}; or one of {', '.join(LAUNCHERS)}")
        settings = OmegaConf.to_container(config.hydra.launcher, resolve=True)
        assert isinstance(settings, dict)
        return cls(name, {str(key): value for key, value in settings.items() if key != "_target_"})


@dataclass(frozen=True)
class Multirun:
    """Several runs.

    Attributes:
        override_lists: the overrides of each.
        launcher: where they run.
    """

    override_lists: Sequence[Sequence[str]]
    launcher: LauncherChoice


def expand_multirun(overrides: Sequence[str], config_dir: Path | None = None) -> Multirun:
    """All combinations of the comma-separated values in overrides and in the ``sweep=`` file that they choose.

    A file in conf/sweep states them under ``hydra.sweeper.params``, as Hydra's own sweeper reads them (``-m``);
    overrides win over it. The result holds neither ``sweep=`` nor Hydra's own settings, so that each list is a
    complete call of pipelines/train.py.

    Raises:
        InvalidValue: another launcher or sweeper is chosen.
        HydraException: an override cannot be parsed, or has a value that is not a finite list.
    """
    general = [override for override in overrides if is_general(override)]
    with composed(general, config_dir, "config") as config:
        launcher, sweeper = LauncherChoice.parse(config), config.hydra.runtime.choices["hydra/sweeper"]
        if sweeper != SWEEPER:
            raise InvalidValue("hydra/sweeper", sweeper, ONLY_TRAIN)
        params = OmegaConf.to_container(config.hydra.sweeper.params or OmegaConf.create())
    assert isinstance(params, dict)
    single = [override for override in overrides if override not in general]
    return Multirun(combinations([*(f"{key!s}={value}" for key, value in params.items()), *single]), launcher)


def is_general(override: str) -> bool:
    """True for overrides of the whole multirun, not of one run."""
    key = override.lstrip("+~").partition("=")[0]
    return key == "sweep" or key.startswith(("hydra.", "hydra/"))


def combinations(overrides: Sequence[str]) -> list[list[str]]:
    """Lists of single-valued overrides, in the order of Hydra's basic sweeper; of equal keys the last wins."""
    values: dict[str, list[str]] = {}
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key, text = override.get_key_element(), str(override.input_line)
        if override.is_sweep_override() and (not override.is_discrete_sweep() or isinstance(override.value(), Glob)):
            raise InvalidValue(key, text.partition("=")[2], "must be a list of values or a range")
        texts = override.sweep_string_iterator() if override.is_sweep_override() else ()
        swept = [f"{key}={value}" for value in itertools.islice(texts, MOST_RUNS + 1)]
        values[key] = swept or [text]
        if math.prod(map(len, values.values())) > MOST_RUNS:
            raise InvalidValue(key, text.partition("=")[2], f"makes more than {MOST_RUNS} runs of one command")
    return [list(combination) for combination in itertools.product(*values.values())]
