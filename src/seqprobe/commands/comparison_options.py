"""The options of pipelines/compare.py, parsed and checked once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from seqprobe.checks import InvalidValue, choice
from seqprobe.commands.output_paths import writable_folder
from seqprobe.commands.since import start_time
from seqprobe.config.compose import Plain
from seqprobe.config.schema import CompareConfig
from seqprobe.config.targets import check_keys

FORMATS = ("html", "csv", "markdown", "latex")
FAILING = ("worse", "undecided")
"""What a comparison with an earlier sweep may fail on; `undecided` includes `worse`."""


@dataclass(frozen=True)
class ReportOptions:
    """What is written of a comparison.

    Attributes:
        folder: where its files go.
        formats: what they are, of `FORMATS`.
        ui: the address of the MLflow UI, for links; None: where `make ui` serves it, or the server.
    """

    folder: Path
    formats: Sequence[str] = FORMATS
    ui: str | None = None


@dataclass(frozen=True)
class ComparisonOptions:
    """What a comparison is called with; conf/compare.yaml explains the keys.

    Attributes:
        tasks, models: the names to compare, None for all.
        tasks_key: the key that stated the tasks: ``tasks``, or its other name ``experiments``.
        since: as it was stated.
        earliest: the time that ``since`` states.
        sweep: a sweep whose runs alone are compared.
        against: an earlier sweep, by its id or as `seqprobe.commands.sweep_ids` names it; None: models are compared
            with each other.
        fail_on: of `FAILING`, what the command fails on when it compares with an earlier sweep.
        report: what is written.
    """

    tasks: Sequence[str] | None
    models: Sequence[str] | None
    tasks_key: str
    since: Any
    earliest: pd.Timestamp | None
    sweep: str | None
    against: str | None
    fail_on: str
    report: ReportOptions

    @classmethod
    def parse(cls, plain: Plain) -> ComparisonOptions:
        """The options that a composed config states.

        Raises:
            InvalidValue: something in it does not fit.
        """
        check_keys("", plain, [field.name for field in dataclasses.fields(CompareConfig)])
        earliest = start_time(plain["since"])
        if not isinstance(plain["formats"], list) or not plain["formats"]:
            raise InvalidValue("formats", plain["formats"], f"must be a list of one or more of {', '.join(FORMATS)}")
        formats = [choice("formats", name, FORMATS) for name in plain["formats"]]
        if plain["ui"] is not None and not str(plain["ui"]).startswith(("http://", "https://")):
            raise InvalidValue("ui", plain["ui"], "must be the http(s) address of an MLflow UI, or null")
        report = ReportOptions(writable_folder("folder", plain["folder"]), formats, plain["ui"])
        if plain["tasks"] is not None and plain["experiments"] is not None:
            raise InvalidValue("experiments", plain["experiments"], "is another name for tasks; give one of them")
        tasks_key = "tasks" if plain["experiments"] is None else "experiments"
        tasks, models = (name_list(key, plain[key]) for key in (tasks_key, "models"))
        sweep, against = (str(plain[key]) if plain[key] else None for key in ("sweep_id", "against"))
        fail_on = choice("fail_on", plain["fail_on"], FAILING)
        return cls(tasks, models, tasks_key, plain["since"], earliest, sweep, against, fail_on, report)


def check_names(members: pd.DataFrame, options: ComparisonOptions) -> None:
    """Refuse names of tasks and models that no run has.

    Raises:
        InvalidValue: there is such a name.
    """
    for key, column, names in ((options.tasks_key, "task", options.tasks), ("models", "model", options.models)):
        known = sorted(set(members[column]))
        for name in names or []:
            choice(key, name, known)


def name_list(key: str, value: Any) -> list[str] | None:
    """A list of names, or None for all.

    Raises:
        InvalidValue: it is neither.
    """
    if value is None or (isinstance(value, list) and value and all(isinstance(name, str) for name in value)):
        return value
    raise InvalidValue(key, value, f"must be a list of names, as in '{key}=[a,b]', or null")
