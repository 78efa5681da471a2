"""What pipelines/compare.py runs: check the options, select runs, and report on them."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from seqprobe.checks import InvalidValue, choice
from seqprobe.commands.comparison_report import FORMATS, write_report
from seqprobe.commands.since import start_time
from seqprobe.config.build import build_store
from seqprobe.config.compose import Plain, compose_config
from seqprobe.config.schema import CompareConfig
from seqprobe.config.targets import check_keys
from seqprobe.reports.selection import current_members, select
from seqprobe.run.drawing_pool import figure_pool
from seqprobe.tracking.run_frames import members
from seqprobe.tracking.stores.embedded import writable
from seqprobe.tracking.stores.store import Store


def check(plain: Plain, store: Store) -> None:
    """Refuse a config before anything is written.

    Raises:
        InvalidValue: something in it does not fit.
    """
    check_keys("", plain, [field.name for field in dataclasses.fields(CompareConfig)])
    start_time(plain["since"])
    if not isinstance(plain["formats"], list) or not plain["formats"]:
        raise InvalidValue("formats", plain["formats"], f"must be a list of one or more of {', '.join(FORMATS)}")
    for name in plain["formats"]:
        choice("formats", name, FORMATS)
    check_folder(plain["folder"])
    selected_members(store, plain)


def check_folder(folder: Any) -> None:
    """Refuse a place where no files can be written.

    Raises:
        InvalidValue: it is none.
    """
    if not isinstance(folder, str) or not folder:
        raise InvalidValue("folder", folder, "must be the path of a folder")
    path = Path(folder).absolute()
    existing = next(place for place in (path, *path.parents) if place.exists())
    if not existing.is_dir() or not writable(existing):
        raise InvalidValue("folder", folder, f"must be a folder that can be written: {existing} is not")


def compare(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Compare, write and record; return the number of tasks.

    Raises:
        InvalidValue: the overrides do not fit.
    """
    plain = compose_config(overrides, config_dir, "compare").config
    store = build_store(plain, config_dir)
    check(plain, store)
    options = [] if config_dir is None else ["--config-dir", str(config_dir)]
    command = shlex.join(["python", "pipelines/compare.py", *options, *overrides])
    with figure_pool() as pool:
        selected = selected_members(store, plain)
        return write_report(store, selected, current_members(selected), plain, [command], pool)


def task_names(tasks: Any, experiments: Any) -> list[str] | None:
    """The tasks to compare; ``experiments`` is another name for ``tasks``. None for all.

    Raises:
        InvalidValue: both are given, or it is no list of names.
    """
    if tasks is not None and experiments is not None:
        raise InvalidValue("experiments", experiments, "is another name for tasks; give one of them")
    return name_list("tasks", tasks) if experiments is None else name_list("experiments", experiments)


def name_list(key: str, value: Any) -> list[str] | None:
    """A list of names, or None for all.

    Raises:
        InvalidValue: it is neither.
    """
    if value is None or (isinstance(value, list) and value and all(isinstance(name, str) for name in value)):
        return value
    raise InvalidValue(key, value, f"must be a list of names, as in '{key}=[a,b]', or null")


def selected_members(store: Store, plain: Mapping[str, Any]) -> pd.DataFrame:
    """The members that the config selects.

    Raises:
        InvalidValue: there are none, or no run has one of the names.
    """
    tasks, models = task_names(plain["tasks"], plain["experiments"]), name_list("models", plain["models"])
    sweep = plain["sweep_id"]
    frame = members(store, sweep and str(sweep))
    if not len(frame):
        raise InvalidValue("sweep_id" if sweep else "tracking", sweep or store.uri, "has no runs")
    key = "tasks" if plain["experiments"] is None else "experiments"
    for option, column, names in ((key, "task", tasks), ("models", "model", models)):
        known = sorted(set(frame[column]))
        for name in names or []:
            choice(option, name, known)
    selected = select(frame, tasks, models, start_time(plain["since"]))
    if not len(selected):
        raise InvalidValue("since", plain["since"], "No selected run is that recent.")
    return selected
