"""The config of a call from Python, whose errors are lines as those of a command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import Composition, compose_config
from seqprobe.run.messages import hydra_message


def composed_here(overrides: Sequence[str], config_dir: Path | None) -> Composition:
    """The config that overrides compose.

    Raises:
        InvalidValue: they do not fit.
    """
    try:
        return compose_config(overrides, config_dir)
    except (HydraException, OmegaConfBaseException) as problem:
        stated, _, allowed = hydra_message(problem, overrides).partition(": ")
        key, _, value = stated.partition("=")
        raise InvalidValue(key, value, allowed) from problem
