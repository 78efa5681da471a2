"""The way into every command that composes a config: Hydra, with its errors reduced to one clear line."""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from seqprobe.config.places import resources
from seqprobe.config.schema import register

USAGE_ERROR, FAILURE, INTERRUPTED = 2, 1, 130


def run(function: Callable[[DictConfig], float], arguments: list[str]) -> int:
    """Compose from command-line ``arguments``, call ``function``, and return the exit code.

    Errors become one line on standard error, or a traceback with ``HYDRA_FULL_ERROR=1``.
    """
    from seqprobe.run.messages import one_line

    register()
    put_config_dir_on_path(arguments)
    sys.argv = [sys.argv[0], *arguments]
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # so that Hydra raises its errors instead of printing them
    failures: list[Exception] = []
    try:
        hydra.main(version_base="1.3", config_path=str(resources("conf")), config_name="config")(
            kept(function, failures)
        )()
        if failures:
            raise failures[0]
    except KeyboardInterrupt:
        print("interrupted; the same command starts again", file=sys.stderr)
        return INTERRUPTED
    except Exception as problem:
        if wants_traceback:
            traceback.print_exc()
        message, code = one_line(problem, arguments)
        print(message, file=sys.stderr)
        return code
    finally:
        os.environ["HYDRA_FULL_ERROR"] = "1" if wants_traceback else "0"
    return 0


def kept(function: Callable[[DictConfig], float], failures: list[Exception]) -> Callable[[DictConfig], float]:
    """In a single run, put an exception aside, because Hydra would print lines of its own about it."""

    @functools.wraps(function)
    def guarded(config: DictConfig) -> float:
        if HydraConfig.get().mode is RunMode.MULTIRUN:
            return function(config)
        try:
            return function(config)
        except Exception as problem:
            failures.append(problem)
            return float("inf")

    return guarded


def put_config_dir_on_path(arguments: list[str]) -> None:
    """Make ``--config-dir D`` an import path too, so that a ``_target_`` may name the user's own module."""
    for index, argument in enumerate(arguments):
        option, _, folder = argument.partition("=")
        if option in ("--config-dir", "-cd"):
            folder = folder or (arguments[index + 1] if index + 1 < len(arguments) else "")
            sys.path.insert(0, os.path.abspath(folder))
