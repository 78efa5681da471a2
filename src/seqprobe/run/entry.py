"""The entry of every command: parse options, let Hydra show configs and help, and reduce errors to one line.

A command is a function of overrides and a ``--config-dir``. Hydra itself runs only what it alone can do: ``--help``,
``--cfg`` and the like, and ``-m`` with any of its sweepers and launchers, which call the command for each job.
"""

from __future__ import annotations

import contextlib
import io
import os
import pkgutil
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig

from seqprobe.checks import InvalidValue, suggestion, user_path
from seqprobe.config.compose import add_import_path, chosen_files, composed
from seqprobe.config.constructor_keys import forced_task_keys, plain_task_keys
from seqprobe.config.hydra_trust import check_searchpath
from seqprobe.config.multirun import combinations
from seqprobe.config.places import resources
from seqprobe.config.schema import register
from seqprobe.interrupts import handled_signals, refused_exits
from seqprobe.run.exit_codes import exit_code
from seqprobe.run.help_text import terminal_columns, wrap_help
from seqprobe.run.hydra_internals import hydra_argument_parser

Command = Callable[[Sequence[str], Path | None], object]
"""Called with overrides and the ``--config-dir``; what it returns is a sweeper's objective."""
SHOWING = ("help", "hydra_help", "cfg", "info", "shell_completion")
"""Options with which Hydra prints something instead of running the command."""
UNSUPPORTED = ("config_path", "config_name", "experimental_rerun")
"""Options that would replace the config of a command."""


def run_command(command: Command, arguments: Sequence[str], root: str = "config", is_multirun: bool = False) -> int:
    """Call a command with parsed arguments; returns the exit code.

    Errors become one line on standard error, with a traceback before it if ``HYDRA_FULL_ERROR=1``.

    Args:
        root: the file in conf/ that the command composes, for ``--help`` and ``--cfg``.
        is_multirun: whether ``-m`` runs the command once for each combination of values; else it is refused.
    """

    def call() -> None:
        options = parse_options(arguments)
        if options.multirun and not is_multirun:
            raise HydraException("-m (--multirun): is for pipelines/train.py alone")
        folder = None if options.config_dir is None else user_path("--config-dir", options.config_dir)
        if folder is not None:
            add_import_path(folder)
            options.config_dir = str(folder)
        with handled_signals():
            if options.multirun or any(getattr(options, name) for name in SHOWING):
                run_hydra(command, arguments, options, root)
            else:
                with refused_exits():
                    command(options.overrides, folder)

    return exit_code(call, arguments)


def command_at(name: str) -> Command:
    """A command by its ``package.module:function``, which is imported when it is called: --help does not wait for it.

    Nor can torch be imported in a working directory that was deleted, where it ends the process with words of its own.
    """

    def call(overrides: Sequence[str], config_dir: Path | None) -> object:
        return pkgutil.resolve_name(name)(overrides, config_dir)

    return call


def parse_options(arguments: Sequence[str]) -> Namespace:
    """Hydra's options and the overrides, in any order.

    Raises:
        HydraException: there is no such option, or it lacks its value.
        InvalidValue: the option is not supported.
    """
    message = io.StringIO()
    try:
        with contextlib.redirect_stderr(message):
            options = hydra_argument_parser().parse_intermixed_args(arguments)
    except SystemExit as end:
        if not end.code:  # --version
            raise
        reason = message.getvalue().rpartition("error: ")[2].strip()
        raise HydraException(f"{reason} (--help explains the options){option_meant(reason)}") from end
    for name in UNSUPPORTED:
        if getattr(options, name) is not None:
            raise InvalidValue(f"--{name.replace('_', '-')}", getattr(options, name), "this option is not supported")
    return options


def option_meant(reason: str) -> str:
    """A question for the option that argparse did not know, if it resembles one."""
    options = re.findall(r"--[\w-]+", hydra_argument_parser().format_usage())
    unknown = [word.partition("=")[0] for word in reason.split() if word.startswith("--")]
    return suggestion(unknown[0], options) if unknown else ""


def run_hydra(command: Command, arguments: Sequence[str], options: Namespace, root: str) -> None:
    """Let Hydra show something, or run the command for every job of a multirun."""
    register()
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
