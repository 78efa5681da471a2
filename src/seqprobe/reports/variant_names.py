"""Names of runs, by what was overridden, and of a task's settings and models, by what its runs do not share of that."""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

OF_TASK = re.compile(r"[+~]*(task\.|task$|probe@task)")
"""Overrides that change the task itself."""
OF_RECORDS = re.compile(
    r"[+~]*(trainer\.(val_every|log_every|accelerator|memory_gib|checkpoint_seconds)=|probe@task|task\.probes)"
)
"""Overrides that change how a training is run, recorded or probed, but not what it learns: no part of a run's name."""
LONGEST = 120
"""Most characters of overrides in a run's name; MLflow takes 250 for the whole."""


def override_list(overrides: str) -> list[str]:
    """The single overrides in a run's param ``overrides``; values may have spaces."""
    return [piece for piece in re.split(r"\s+(?=[+~]*[\w.@/-]+(?:=|\s|$))", overrides.strip()) if piece]


def short_overrides(overrides: str) -> str:
    """Those of a run's overrides that change what it learns, without the groups of their keys: ``lag=20, lr=3``.

    Of keys that would be equal then, all parts stay; what is too long for a name is cut off.
    """
    named = [override for override in override_list(overrides) if not OF_RECORDS.match(override)]
    parts = [override.partition("=") for override in named]
    last = [re.split(r"[.@/+~]", key)[-1] for key, _, _ in parts]
    names = [
        f"{'~' if key.startswith('~') else ''}{name}" if last.count(name) == 1 else key.lstrip("+")
        for name, (key, _, _) in zip(last, parts, strict=True)
    ]
    text = ", ".join(f"{name}{sign}{value}" for name, (_, sign, value) in zip(names, parts, strict=True))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


class RunNames(NamedTuple):
    """What a run is called beside others of its task.

    Attributes:
        setting: the task, with its overrides that not all runs share.
        variant: the model, with its preset and its other overrides that not all runs share.
        differing: all overrides that not all runs share.
    """

    setting: str
    variant: str
    differing: tuple[str, ...]


def run_names(runs: pd.DataFrame) -> dict[str, RunNames]:
    """The names of each run, by its id."""
    names: dict[str, RunNames] = {}
    for task, of_task in runs.groupby("task"):
        by_run = [set(override_list(overrides)) for overrides in of_task["overrides"]]
        shared = set.intersection(*by_run)
        columns = (of_task[name] for name in ("run_id", "model", "preset"))
        for run, model, preset, overrides in zip(*columns, by_run, strict=True):
            differing = tuple(sorted(overrides - shared))
            settings = [override for override in differing if OF_TASK.match(override)]
            others = [override for override in differing if override not in settings]
            variant = " · ".join([model, *([preset] if preset else []), *others])
            names[run] = RunNames(" · ".join([str(task), *settings]), variant, differing)
    return names
