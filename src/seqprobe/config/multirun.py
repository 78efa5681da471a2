"""Several runs from one command line: comma-separated values and sweep= files, expanded to a list of overrides each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from seqprobe.checks import InvalidValue, integer
from seqprobe.config.compose import composed

LAUNCHER, SWEEPER = "processes", "basic"
"""The choices of hydra/launcher and hydra/sweeper for which this module stands in."""


@dataclass(frozen=True)
class Multirun:
    """Several runs.

    Attributes:
        override_lists: the overrides of each.
        jobs: how many run at a time.
    """

    override_lists: Sequence[Sequence[str]]
    jobs: int


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
        choices = config.hydra.runtime.choices
        for group, supported in (("hydra/launcher", LAUNCHER), ("hydra/sweeper", SWEEPER)):
            if choices[group] != supported:
                allowed = "is not for pipelines/sweep.py; use pipelines/train.py -m"
                raise InvalidValue(group, choices[group], allowed)
        params = OmegaConf.to_container(config.hydra.sweeper.params or OmegaConf.create())
        jobs = integer("hydra.launcher.jobs", config.hydra.launcher.jobs)
    assert isinstance(params, dict)
    single = [override for override in overrides if override not in general]
    return Multirun(combinations([*(f"{key!s}={value}" for key, value in params.items()), *single]), jobs)


def is_general(override: str) -> bool:
    """True for overrides of the whole multirun, not of one run."""
    key = override.lstrip("+~").partition("=")[0]
    return key == "sweep" or key.startswith(("hydra.", "hydra/"))


def combinations(overrides: Sequence[str]) -> list[list[str]]:
    """Lists of single-valued overrides, in the order of Hydra's basic sweeper; of equal keys the last wins."""
    values: dict[str, list[str]] = {}
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key, text = override.get_key_element(), str(override.input_line)
        if override.is_sweep_override() and not override.is_discrete_sweep():
            raise InvalidValue(key, text.partition("=")[2], "must be a list of values or a range")
        swept = [f"{key}={value}" for value in override.sweep_string_iterator()] if override.is_sweep_override() else []
        values[key] = swept or [text]
    return [list(combination) for combination in itertools.product(*values.values())]
