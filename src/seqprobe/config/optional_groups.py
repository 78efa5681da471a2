"""Groups of which none may be chosen: ``scheduler=null`` and ``loss=null``, which Hydra takes for names of files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from omegaconf import DictConfig, open_dict, read_write

from seqprobe.checks import InvalidValue

OPTIONAL_GROUPS = ("scheduler", "loss")
NULLS = {f"{group}=null": group for group in OPTIONAL_GROUPS}
"""Overrides that choose none of a group, and the group."""


def refuse_nulls(overrides: Sequence[str]) -> None:
    """Refuse null among the choices that Hydra itself composes.

    Raises:
        InvalidValue: there is one.
    """
    for override in overrides:
        group, _, values = override.partition("=")
        if group in OPTIONAL_GROUPS and "null" in values.split(","):
            allowed = "Hydra, which runs -m and --cfg, takes no null; pipelines/sweep.py does, as does a single run"
            raise InvalidValue(group, values, allowed)


def compose_without_nulls(compose: Callable[[list[str]], DictConfig], overrides: Sequence[str]) -> DictConfig:
    """Compose; a group that is overridden with null is left out, also where the task or the preset chooses it.

    Only then the override is a part of the run's name.

    Args:
        compose: composes a list of overrides.
    """
    config = compose([override for override in overrides if override not in NULLS])
    for override in overrides:
        group = NULLS.get(override)
        if group is not None and config[group] is not None:
            with read_write(config), open_dict(config):
                config[group] = None
                name = config.hydra.job.override_dirname
                config.hydra.job.override_dirname = f"{name} {override}".strip()
    return config
