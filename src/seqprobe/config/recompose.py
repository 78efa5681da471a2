"""Compose overrides over the config that was saved with a run, instead of conf/config.yaml."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir

from seqprobe.config.compose import Plain, add_import_path, hydra_set_aside, quote_override, resolve_config
from seqprobe.config.hydra_trust import check_searchpath
from seqprobe.config.places import resources
from seqprobe.config.schema import Config, Names, register
from seqprobe.learning.settings import TrainerSettings
from seqprobe.moved_names import with_current_names


def current_config(saved: Mapping[str, Any]) -> Plain:
    """A saved config as this version reads it: with today's names, and with the keys of today's schema alone.

    Keys that it lacks get the schema's defaults; ``names.command``, which only documents the run, is left out.
    """
    config = schema_node(with_current_names(saved), Config)
    names = schema_node(config["names"], Names)
    return {
        **config,
        "names": {**names, "command": None} if "command" in names else names,
        "trainer": schema_node(config["trainer"], TrainerSettings),
    }


def schema_node(node: Mapping[str, Any], kind: type) -> Plain:
    """A node with the keys of a dataclass alone, and the dataclass's defaults where it lacks one."""
    result: Plain = {}
    for field in dataclasses.fields(kind):
        if field.name in node:
            result[field.name] = node[field.name]
        elif field.default is not dataclasses.MISSING and not str(field.default).startswith("?"):
            result[field.name] = field.default
    return result


def compose_over(base: Plain, overrides: Sequence[str], config_dir: Path | None = None) -> Plain:
    """The config that overrides make of ``base``; files of conf/ and ``config_dir`` can be added to it.

    Raises:
        HydraException, OmegaConfBaseException: the overrides do not fit.
    """
    register()
    check_searchpath(overrides)
    if config_dir is not None:
        add_import_path(config_dir)
    folders = [resources("conf"), *([] if config_dir is None else [config_dir])]
    search = ",".join(quote_override(f"file://{folder}") for folder in folders)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "saved.yaml").write_text(yaml.safe_dump({"defaults": ["_self_"], **base}, sort_keys=False))
        with hydra_set_aside(), initialize_config_dir(folder, version_base="1.3"):
            return resolve_config(compose("saved", [f"hydra.searchpath=[{search}]", *overrides]))
