"""Errors of Hydra's and YAML's about a file of a user's ``--config-dir`` that are no errors of an override."""

from __future__ import annotations

import traceback
from pathlib import Path

import yaml

from seqprobe.checks import single_line

READERS_OF_DEFAULTS = ("config_repository.py", "default_element.py")
"""Files of Hydra's that raise a bare ValueError about a defaults list; it names the config."""
COMPOSER = "config_loader_impl.py"
ENDLESS = "a file includes itself, by its defaults list or by a YAML alias"


def config_file_message(problem: BaseException) -> str:
    """What is wrong with a file, in one line; empty if the error is about something else."""
    files = source_files(problem)
    if isinstance(problem, yaml.YAMLError):
        return f"--config-dir: a file cannot be read: {single_line(problem)}"
    if isinstance(problem, RecursionError) and COMPOSER in files:
        return f"--config-dir: {ENDLESS}"
    return f"--config-dir: {single_line(problem)}" if files[-1:] and files[-1] in READERS_OF_DEFAULTS else ""


def source_files(problem: BaseException) -> list[str]:
    """The names of the source files that an error passed through, that in which it was raised last."""
    return [Path(frame.filename).name for frame in traceback.extract_tb(problem.__traceback__)]
