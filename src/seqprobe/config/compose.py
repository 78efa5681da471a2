"""Compose a config from the files in conf/, a user's ``--config-dir`` and overrides, as plain containers.

The order in which files win is that of the defaults list in conf/config.yaml: model, optimizer, scheduler, loss and
trainer, then the task, then the preset, then those of `LATE_GROUPS` that an override chose (`chosen_files`), and last
single overrides such as ``optimizer.lr=0.1``.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from seqprobe.checks import InvalidValue, printable, user_path
from seqprobe.config.constructor_keys import compose_with_constructor_keys
from seqprobe.config.hydra_trust import check_hydra_trust, check_searchpath
from seqprobe.config.optional_groups import compose_without_nulls
from seqprobe.config.places import resources
from seqprobe.config.schema import check_complete, register
from seqprobe.config.user_files import check_readable_files

Plain = dict[str, Any]
"""A config whose interpolations are resolved, in plain containers: it can be pickled and written as YAML."""
LATE_GROUPS = ("optimizer", "scheduler", "loss", "trainer")
"""Groups whose files win over the task and the preset where an override chooses them."""
_hydra_lock = threading.RLock()
"""Hydra's state belongs to the whole process: threads compose one after the other."""


@dataclass(frozen=True)
class Composition:
    """A composed config and where it came from: all that another process needs to build the same objects.

    Attributes:
        config: the config, resolved.
        overrides: what it was composed with, as on the command line.
        config_dir: the user's folder with further config files and modules; its code is trusted.
    """

    config: Plain
    overrides: Sequence[str] = ()
    config_dir: Path | None = None

    @property
    def tracking_overrides(self) -> list[str]:
        """Those of the overrides that choose the store, and whether it may be any code."""
        return [override for override in self.overrides if override.lstrip("+~").startswith(("tracking", "trust="))]


def compose_config(
    overrides: Sequence[str] = (), config_dir: str | Path | None = None, root: str = "config"
) -> Composition:
    """The config that a command line with these overrides composes from conf/<root>.yaml.

    Args:
        config_dir: a folder with further config files, which becomes an import path too, so that a ``_target_`` in
            them may name a module in it.

    Raises:
        InvalidValue: there is no such folder.
        HydraException, OmegaConfBaseException: the overrides do not fit the config.
    """
    folder = None if config_dir is None else user_path("--config-dir", config_dir)
    if folder is not None:
        add_import_path(folder)
    with composed(overrides, folder, root) as config:
        with open_dict(config):
            del config["hydra"]
        check_complete(config, root)
        return Composition(resolve_config(config), tuple(overrides), folder)


def plain_config(*overrides: str) -> Plain:
    """The training config that overrides compose, without a user's folder: for notebooks and tests."""
    return compose_config(overrides).config


def add_import_path(folder: Path) -> None:
    """Let modules in a user's folder be imported.

    Raises:
        InvalidValue: there is no such folder.
    """
    if not folder.is_dir():
        raise InvalidValue("--config-dir", folder, "there is no such folder")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


@contextmanager
def composed(overrides: Sequence[str], config_dir: Path | None, root: str) -> Iterator[DictConfig]:
    """The config with its ``hydra`` node; its interpolations can be resolved while the context lasts.

    Raises:
        InvalidValue: Hydra itself would run code that is not trusted.
        HydraException, OmegaConfBaseException: the overrides do not fit the config.
    """
    register()
    check_printable(overrides)
    check_searchpath(overrides)
    folders = [] if config_dir is None else [f"hydra.searchpath=[{quote_override(f'file://{config_dir}')}]"]
    late = chosen_files(overrides, config_dir) if root == "config" else []
    check_readable_files(config_dir)
    with hydra_set_aside(), initialize_config_dir(str(resources("conf")), version_base="1.3"):
        trusted = [] if config_dir is None else [config_dir]
        whole = partial(compose, root, return_hydra_config=True)
        with_keys = partial(compose_with_constructor_keys, whole, trusted=trusted)
        config = compose_without_nulls(with_keys, [*folders, *overrides, *late])
        check_hydra_trust(config, trusted)
        HydraConfig.instance().set_config(config)
        yield config


def check_printable(overrides: Sequence[str]) -> None:
    """Refuse control characters in overrides, which become parts of names that terminals and pages show.

    Raises:
        InvalidValue: there are some.
    """
    for override in overrides:
        key, _, value = override.partition("=")
        if not override.isprintable():
            raise InvalidValue(printable(key), printable(value), "must be text without control characters")


@contextmanager
def hydra_set_aside() -> Iterator[None]:
    """Compose within a command that Hydra itself runs, and leave its state as it was."""
    with _hydra_lock:
        running, settings = GlobalHydra.instance(), HydraConfig.instance()
        hydra, config = running.hydra, settings.cfg
        running.hydra = None
        try:
            yield
        finally:
            running.hydra, settings.cfg = hydra, config


def quote_override(text: str) -> str:
    """Text as Hydra's grammar of overrides quotes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def chosen_files(overrides: Sequence[str], config_dir: Path | None) -> list[str]:
    """Overrides that apply chosen files of `LATE_GROUPS` once more, after the task and the preset.

    Hydra merges files in the order of the defaults list, in which a task has to come after the optimizer and the
    trainer to change their settings, and which may name a group only once. So a file that an override chooses is
    included a second time, by a config made here in a group of its own (hydra.cc/docs/tutorials/structured_config/).
    What the file does not state stays as the task and the preset have it.
    """
    chosen = {group: name for group, _, name in (override.partition("=") for override in overrides)}
    folders = [resources("conf"), *([] if config_dir is None else [config_dir])]
    late = []
    for group in LATE_GROUPS:
        name = chosen.get(group, "")
        if name and any((folder / group / f"{name}.yaml").is_file() for folder in folders):
            file = {"defaults": [f"/{group}/{name}@{group}"]}
            alias = name.replace("/", "_")
            ConfigStore.instance().store(alias, file, group=f"hydra/chosen_{group}", package="_global_")
            late.append(f"+hydra/chosen_{group}={alias}")
    return late


def resolve_config(config: DictConfig) -> Plain:
    """The config as plain containers, with every interpolation replaced."""
    plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}
