"""Scores of members as a tidy frame, and which of a store's runs are compared."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seqprobe.reports.table import column_names

NAMED = ["task", "model", "preset", "overrides"]
TIDY = [
    *NAMED, "seed", "probe", "value", "metric", "score", "status", "outcome", "run_id", "parent_id", "experiment_id",
    "training", "started",
]  # fmt: skip
SPLITS = {"val": "validation", "train": "training"}


def tidy(members: pd.DataFrame) -> pd.DataFrame:
    """One row per member, probe, value and metric, with the columns `TIDY`.

    ``probe`` is ``validation`` and ``training`` for the scores without any, ``best`` for validation with the best
    weights, and ``reference`` for what others reach; ``value`` is the probed value, ``mean`` for the mean over them, a
    reference level's name, or empty. A member without any number has one row, with an empty ``probe``.

    Args:
        members: `seqprobe.tracking.read.members`.
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
    members: pd.DataFrame, experiments: Sequence[str] | None = None, models: Sequence[str] | None = None,
    since: pd.Timestamp | None = None,
) -> pd.DataFrame:  # fmt: skip
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
    """The members that are compared, with a column ``variant``: what a model is called among those of its task.

    Of runs that are called the same but were trained otherwise (another version of the code, say) the newest training
    counts; of a seed that was trained twice its newest finished run, or else its newest.
    """
    runs = members.drop_duplicates("run_id", ignore_index=True)
    newest = runs.sort_values("started", kind="stable").groupby(NAMED, sort=False)["training"].transform("last")
    runs = runs[runs["training"] == newest.reindex(runs.index)]
    ordered = runs.assign(finished=runs["status"] == "FINISHED").sort_values(["finished", "started"], kind="stable")
    kept = ordered.drop_duplicates([*NAMED, "seed"], keep="last").sort_index()
    variants = pd.concat([pd.Series(column_names(own), own.index) for _, own in kept.groupby("task")]) if len(
        kept
    ) else pd.Series(dtype=str)  # fmt: skip
    names = dict(zip(kept["run_id"], variants.reindex(kept.index), strict=True))
    chosen = members[members["run_id"].isin(names)]
    return chosen.assign(variant=chosen["run_id"].map(names))
