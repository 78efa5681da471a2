"""Compose a config without a command line: for notebooks, scripts, and what happens around runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import open_dict

from seqprobe.config.places import resources
from seqprobe.config.plain import Plain, resolved
from seqprobe.config.schema import register


@contextmanager
def beside_another_hydra() -> Iterator[None]:
    """Compose within a command that Hydra itself runs, which is left as it was."""
    running, config = GlobalHydra.instance(), HydraConfig.instance()
    before, running.hydra, settings = running.hydra, None, config.cfg
    try:
        yield
    finally:
        running.hydra = before
        if before is not None:
            config.cfg = settings


def plain_config(*overrides: str) -> Plain:
    """The resolved config that a command line with ``overrides`` composes, as plain containers."""
    register()
    with beside_another_hydra(), initialize_config_dir(str(resources("conf")), version_base="1.3"):
        config = compose("config", list(overrides), return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        with open_dict(config):
            del config["hydra"]
        return resolved(config)
