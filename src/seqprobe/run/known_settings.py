"""Whether a model has a setting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hydra.errors import HydraException
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from seqprobe.run.request import compose


def has_setting(overrides: Sequence[str], override: str, config_dir: Path | None) -> bool:
    """Whether what some overrides compose takes one more.

    Raises:
        InvalidValue, HydraException: it has the setting, but not with this value, or something else does not fit.
    """
    try:
        compose([*overrides, override], config_dir)
    except HydraException as problem:
        if isinstance(problem.__cause__, ConfigAttributeError | ConfigKeyError):
            return False
        raise
    return True
