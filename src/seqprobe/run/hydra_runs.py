"""What Hydra alone can do with a command: show its config, or run it once for each combination of values."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from seqprobe.config.compose import chosen_files, composed
from seqprobe.config.constructor_keys import forced_task_keys, plain_task_keys
from seqprobe.config.hydra_trust import check_searchpath
from seqprobe.config.multirun import combinations
from seqprobe.config.optional_groups import refuse_nulls
from seqprobe.config.places import resources
from seqprobe.config.schema import register
from seqprobe.failure import JobFailed
from seqprobe.interrupts import refused_exits
from seqprobe.run.help_text import terminal_columns, wrap_help
from seqprobe.run.sweep_name import sweep_id

Command = Callable[[Sequence[str], Path | None], object]
"""Called with overrides and the ``--config-dir``; what it returns is a sweeper's objective."""
Closing = Callable[[str, Sequence[str], Path | None], object]
"""Called at the end of a multirun with the id of its runs, its overrides and the ``--config-dir``."""


def run_multirun(command: Command, arguments: Sequence[str], options: Namespace, closing: Closing) -> None:
    """Let Hydra run the command for every job; then call ``closing``, also if some of them failed."""
    sweep, overrides = sweep_id(), list(options.overrides)
    folder = None if options.config_dir is None else Path(options.config_dir)
    options.overrides = [*overrides, f"names.sweep={sweep}"]
    try:
        run_hydra(command, [*arguments, options.overrides[-1]], options, "config")
    except JobFailed:
        with refused_exits():
            closing(sweep, overrides, folder)
        raise
    with refused_exits():
        closing(sweep, overrides, folder)


def run_hydra(command: Command, arguments: Sequence[str], options: Namespace, root: str) -> None:
    """Let Hydra show something, or run the command for every job of a multirun."""
    register()
    refuse_nulls(options.overrides)
    check_hydra_overrides(options, root)
    late = chosen_files(options.overrides, options.config_dir and Path(options.config_dir)) if root == "config" else []
    flags = [argument for argument in arguments if argument not in options.overrides]
    if options.config_dir is not None:
        flags.append(f"--config-dir={options.config_dir}")  # the last one counts: this one is absolute
    given = forced_task_keys(options.overrides) if root == "config" else options.overrides
    sys.argv = [sys.argv[0], *flags, *given, *(late if options.cfg else [])]

    def run_this_job(config: DictConfig) -> object:
        with refused_exits():
            return command(*composition_of_job())

    shown, columns = io.StringIO(), terminal_columns() if options.help else None
    try:
        with raised_errors(), contextlib.redirect_stdout(sys.stdout if columns is None else shown):
            hydra.main(version_base="1.3", config_path=str(resources("conf")), config_name=root)(run_this_job)()
    finally:  # Hydra exits
        if columns is not None:
            print(wrap_help(shown.getvalue(), columns))


def check_hydra_overrides(options: Namespace, root: str) -> None:
    """Refuse code that Hydra would run by itself, before Hydra starts.

    Only overrides can name it: the files in conf/ do not, and those of a ``--config-dir`` are trusted.

    Raises:
        InvalidValue: an override names some that is not trusted.
    """
    check_searchpath(options.overrides)
    of_hydra = [text for text in options.overrides if text.lstrip("+~").startswith(("hydra.", "hydra/", "trust="))]
    folder = None if options.config_dir is None else Path(options.config_dir)
    for overrides in combinations(of_hydra) if of_hydra else []:
        with composed(overrides, folder, root):
            pass


def composition_of_job() -> tuple[list[str], Path | None]:
    """The overrides of the job that Hydra runs in this process, and the ``--config-dir`` of the multirun."""
    settings = HydraConfig.get()
    return job_overrides(settings.overrides.task), config_dir_of(settings)


def job_overrides(overrides: Sequence[str]) -> list[str]:
    """A job's overrides as a user would state them, without the ``sweep=`` file that listed it."""
    return [override for override in plain_task_keys(overrides) if override.partition("=")[0] != "sweep"]


def config_dir_of(settings: Any) -> Path | None:
    """The ``--config-dir`` of a config that Hydra composed, from its node ``hydra``."""
    for source in settings.runtime.config_sources:
        if source.provider == "command-line":
            return Path(source.path).absolute()
    return None


@contextlib.contextmanager
def raised_errors() -> Iterator[None]:
    """Let Hydra raise its errors instead of printing them."""
    before = os.environ.get("HYDRA_FULL_ERROR")
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield
    finally:
        del os.environ["HYDRA_FULL_ERROR"]
        if before is not None:
            os.environ["HYDRA_FULL_ERROR"] = before
