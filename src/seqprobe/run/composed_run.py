"""The config of one run. It is light to import: what a run needs besides can be prepared while PyTorch is imported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import Composition, compose_config


def composed_run(overrides: Sequence[str], config_dir: Path | None) -> Composition:
    """The config of one run.

    Raises:
        InvalidValue: the overrides are of several runs, or one does not fit.
        HydraException, OmegaConfBaseException: the overrides do not fit the config.
    """
    for override in overrides:
        key, _, name = override.partition("=")
        if key == "sweep" and name != "null":
            raise InvalidValue("sweep", name, "needs several runs: use pipelines/sweep.py, or -m")
    return compose_config(overrides, config_dir)
