"""Scores of members as a tidy frame, and which of a store's runs are compared."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from seqprobe.reports.closing_table import pieces

NAMED = ["task", "model", "preset", "overrides"]
TIDY = [
    *NAMED,
    "seed",
    "probe",
    "value",
    "metric",
    "score",
    "status",
    "outcome",
    "run_id",
    "parent_id",
    "experiment_id",
    "training",
    "started",
]
OF_TASK = re.compile(r"[+~]*(task\.|task$|probe@task)")
"""Overrides that change what is asked."""
SPLITS = {"val": "validation", "train": "training"}


def tidy(members: pd.DataFrame) -> pd.DataFrame:
    """One row per member, probe, value and metric, with the columns `TIDY`.

    ``probe`` is ``validation`` and ``training`` for the scores without any, ``best`` for validation with the best
    weights, and ``reference`` for what others reach; ``value`` is the probed value, ``mean`` for the mean over them, a
    reference level's name, or empty. A member without any number has one row, with an empty ``probe``.

    Args:
        members: `seqprobe.tracking.run_frames.members`.
    """
    names = members["metric"].unique()
    parts = pd.DataFrame([split(name) for name in names], index=names, columns=["probe", "value", "metric"])
    found = parts.loc[members["metric"]].set_axis(members.index)
    started = pd.to_datetime(members["started"], unit="ms", utc=True)
    whole = members.rename(columns={"value": "score"}).drop(columns="metric").assign(started=started)
    return pd.concat([whole, found], axis=1)[TIDY]


def split(name: str) -> tuple[str, str, str]:
    """A metric's name as probe, value and metric."""
    first, *rest = name.split("/")
    match first, rest:
        case "probe", [probe, metric]:
            return probe, "mean", metric
        case "probe", [probe, *value, metric]:
            return probe, "/".join(value), metric
        case "best", [_, metric]:
            return "best", "", metric
        case "reference", [level]:
            return "reference", level, "score"
        case _:
            return SPLITS.get(first, first), "", "/".join(rest)


def narrowed(
    members: pd.DataFrame,
    experiments: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
    since: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Members of these experiments and of these models, started at ``since`` or later; None allows all."""
    kept = members
    if experiments is not None:
        kept = kept[kept["task"].isin(experiments)]
    if models is not None:
        kept = kept[kept["model"].isin(models)]
    if since is not None:
        kept = kept[kept["started"] >= since.timestamp() * 1000]
    return kept


def current(members: pd.DataFrame) -> pd.DataFrame:
    """The members that are compared, with two more columns.

    ``setting`` is the task, with those of its settings in which runs of the task differ: models are compared within it.
    ``variant`` is what a model is called there: with its preset and its other settings.

    Of runs that are called the same but were trained otherwise (by another version of the code, say) the newest
    training with a finished run counts; of a seed that was trained twice its newest finished run, or else its newest.
    """
    alike = members["overrides"].map(lambda overrides: " ".join(sorted(pieces(overrides))))
    runs = members.assign(overrides=alike).drop_duplicates("run_id", ignore_index=True)
    runs = runs.assign(finished=runs["status"] == "FINISHED").sort_values(["finished", "started"], kind="stable")
    runs = runs[runs["training"] == runs.groupby(NAMED, sort=False)["training"].transform("last")]
    kept = runs.drop_duplicates([*NAMED, "seed"], keep="last")
    names: dict[str, tuple[str, str]] = {}
    for task, own in kept.groupby("task"):
        given = [set(pieces(overrides)) for overrides in own["overrides"]]
        shared = set.intersection(*given)
        for run, model, preset, overrides in zip(own["run_id"], own["model"], own["preset"], given, strict=True):
            of_task = sorted(each for each in overrides - shared if OF_TASK.match(each))
            others = sorted(overrides - shared - set(of_task))
            names[run] = " · ".join([str(task), *of_task]), " · ".join([model, *([preset] if preset else []), *others])
    chosen = members[members["run_id"].isin(names)]
    found = pd.DataFrame([names[run] for run in chosen["run_id"]], chosen.index, ["setting", "variant"])
    return pd.concat([chosen, found], axis=1)
