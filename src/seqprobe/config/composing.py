"""Compose a config without a command line: for notebooks, scripts, and what happens around runs."""

from __future__ import annotations

from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from omegaconf import open_dict

from seqprobe.config.build import Plain, resolved
from seqprobe.config.places import resources
from seqprobe.config.schema import register


def plain_config(*overrides: str) -> Plain:
    """The resolved config that a command line with ``overrides`` composes, as plain containers."""
    register()
    with initialize_config_dir(str(resources("conf")), version_base="1.3"):
        config = compose("config", list(overrides), return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        with open_dict(config):
            del config["hydra"]
        return resolved(config)
