"""The entry of every command: parse options, let Hydra show configs and help, and reduce errors to one line.

A command is a function of overrides and a ``--config-dir``. Hydra itself runs only what it alone can do: ``--help``,
``--cfg`` and the like, and ``-m`` with any of its sweepers and launchers, which call the command for each job.
"""

from __future__ import annotations

import contextlib
import io
import pkgutil
import re
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from hydra.errors import HydraException

from seqprobe.checks import InvalidValue, suggestion, user_path
from seqprobe.config.compose import add_import_path
from seqprobe.interrupts import handled_signals, refused_exits
from seqprobe.run.exit_codes import exit_code
from seqprobe.run.hydra_internals import hydra_argument_parser
from seqprobe.run.hydra_runs import Closing, Command, run_hydra, run_multirun

SHOWING = ("help", "hydra_help", "cfg", "info", "shell_completion")
"""Options with which Hydra prints something instead of running the command."""
UNSUPPORTED = ("config_path", "config_name", "experimental_rerun")
"""Options that would replace the config of a command."""
FURTHER_OPTIONS = {"probe_run": ["--name"]}
"""Options of a command, by its root, that it takes out of the arguments itself."""


def run_command(
    command: Command, arguments: Sequence[str], root: str = "config", closing: Closing | None = None
) -> int:
    """Call a command with parsed arguments; returns the exit code.

    Errors become one line on standard error, with a traceback before it if ``HYDRA_FULL_ERROR=1``.

    Args:
        root: the file in conf/ that the command composes, for ``--help`` and ``--cfg``.
        closing: what ends a multirun (``-m``), which runs the command once for each combination of values; without it,
            ``-m`` is refused.
    """

    def call() -> None:
        options = parse_options(arguments, root)
        if options.multirun and closing is None:
            raise HydraException("-m (--multirun): is for pipelines/train.py alone")
        folder = None if options.config_dir is None else user_path("--config-dir", options.config_dir)
        if folder is not None:
            add_import_path(folder)
            options.config_dir = str(folder)
        with handled_signals():
            if any(getattr(options, name) for name in SHOWING):
                run_hydra(command, arguments, options, root)
            elif options.multirun and closing is not None:
                run_multirun(command, arguments, options, closing)
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


def parse_options(arguments: Sequence[str], root: str) -> Namespace:
    """Hydra's options and the overrides, in any order; ``root`` is the command's.

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
        raise HydraException(f"{reason} (--help explains the options){option_meant(reason, root)}") from end
    for name in UNSUPPORTED:
        if getattr(options, name) is not None:
            raise InvalidValue(f"--{name.replace('_', '-')}", getattr(options, name), "this option is not supported")
    return options


def option_meant(reason: str, root: str) -> str:
    """A question for the option that argparse did not know, if it resembles one of the command's."""
    replacing = [f"--{name.replace('_', '-')}" for name in UNSUPPORTED]
    known = re.findall(r"--[\w-]+", hydra_argument_parser().format_usage())
    options = [option for option in known if option not in replacing] + FURTHER_OPTIONS.get(root, [])
    unknown = [word.partition("=")[0] for word in reason.split() if word.startswith("--")]
    return suggestion(unknown[0], options) if unknown else ""
