"""The way into every command that composes a config: Hydra, with its errors reduced to one clear line."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig

from seqprobe.checks import InvalidValue
from seqprobe.config import trust
from seqprobe.config.places import resources
from seqprobe.config.schema import register
from seqprobe.interrupts import SIGNAL_EXIT_CODE

if TYPE_CHECKING:
    from seqprobe.config.plain import Plain

INTERRUPTED = 130
GO_ON = "interrupted; the same command goes on where this one was: what is finished is skipped"
VALUED = ("--config-dir", "-cd", "--config-name", "-cn", "--config-path", "-cp", "--cfg", "-c", "--package", "-p")
"""Hydra's options that take the next argument as their value."""


def run(
    function: Callable[[DictConfig], float],
    arguments: list[str],
    root: str = "config",
    check: Callable[[Plain], None] | None = None,
) -> int:
    """Compose ``root`` from command-line ``arguments``, call ``function``, and return the exit code.

    The config is checked before anything is shown or written, by ``check`` or as a training's. Errors become one line
    on standard error, or a traceback with ``HYDRA_FULL_ERROR=1``.
    """
    register()
    arguments = options_first(arguments)
    put_config_dir_on_path(arguments)
    sys.argv = [sys.argv[0], *arguments]
    failures: list[Exception] = []
    main = hydra.main(version_base="1.3", config_path=str(resources("conf")), config_name=root)

    def composed() -> None:
        check_options(arguments)
        with raised_errors():
            main(kept(function, failures, check))()
        if failures:
            raise failures[0]

    return reported(composed, arguments)


def reported(work: Callable[[], object], arguments: list[str]) -> int:
    """Call ``work`` and return the exit code; an error becomes one line, an interruption says how to go on."""
    from seqprobe.run.messages import one_line

    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    try:
        work()
    except KeyboardInterrupt:
        print(GO_ON, file=sys.stderr)
        return INTERRUPTED
    except SystemExit as end:
        if isinstance(end.code, int) and end.code > SIGNAL_EXIT_CODE:
            print(GO_ON, file=sys.stderr)
        raise
    except Exception as problem:
        if wants_traceback:
            traceback.print_exc()
        message, code = one_line(problem, arguments)
        print(message, file=sys.stderr)
        return code
    return 0


def options_first(arguments: list[str]) -> list[str]:
    """Options with their values before the overrides: argparse wants all overrides in one place."""
    options: list[str] = []
    overrides: list[str] = []
    before = ""
    for argument in arguments:
        (options if argument.startswith("-") or before in VALUED else overrides).append(argument)
        before = argument
    return [*options, *overrides]


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


def check_options(arguments: list[str]) -> None:
    """Refuse options that Hydra does not have; left to itself, it prints its whole usage.

    Raises:
        HydraException: there is no such option, or it lacks its value.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            get_args_parser().parse_args(arguments)
    except SystemExit as end:
        if not end.code:  # --version
            raise
        reason = said.getvalue().rpartition("error: ")[2].strip()
        raise HydraException(f"{reason} (options such as -m go before the first key=value; --help explains)") from end


def checked_training(plain: Plain) -> None:
    """Refuse a training's config; what that takes is loaded for trainings alone."""
    from seqprobe.config.build import check

    check(plain)


def kept(
    function: Callable[[DictConfig], float], failures: list[Exception], check: Callable[[Plain], None] | None
) -> Callable[[DictConfig], float]:
    """Check a config before ``function`` shows or writes anything.

    In a single run, an exception is put aside, because Hydra would print lines of its own about it.
    """

    @functools.wraps(function)
    def guarded(config: DictConfig) -> float:
        from seqprobe.config.plain import resolved

        try:
            if HydraConfig.get().mode is RunMode.RUN and HydraConfig.get().runtime.choices.get("sweep"):
                name = HydraConfig.get().runtime.choices["sweep"]
                raise InvalidValue("sweep", name, "needs several runs: use pipelines/sweep.py, or -m")
            (check or checked_training)(resolved(config))
            return function(config)
        except Exception as problem:
            if HydraConfig.get().mode is RunMode.MULTIRUN:
                raise
            failures.append(problem)
            return float("inf")

    return guarded


def put_config_dir_on_path(arguments: list[str]) -> None:
    """Make ``--config-dir D`` an import path too, and trust it, so that a ``_target_`` may name a module in it."""
    for index, argument in enumerate(arguments):
        option, _, folder = argument.partition("=")
        if option in ("--config-dir", "-cd"):
            folder = folder or (arguments[index + 1] if index + 1 < len(arguments) else "")
            sys.path.insert(0, os.path.abspath(folder))
            trust.folders.append(Path(folder).absolute())
