"""Scores of members as a tidy frame, and which of a store's runs are compared."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seqprobe.reports.probe_overrides import added_probes, comparable_overrides
from seqprobe.reports.variant_names import override_list, run_names
from seqprobe.scoring import MetricName
from seqprobe.tracking.run_frames import NAME_PARAMS

TIDY = [
    *NAME_PARAMS,
    "seed",
    "probe",
    "band",
    "value",
    "metric",
    "score",
    "better",
    "unit",
    "status",
    "outcome",
    "run_id",
    "parent_id",
    "experiment_id",
    "training",
    "started",
]
SPLITS = {"val": "validation", "train": "training"}


def tidy(members: pd.DataFrame) -> pd.DataFrame:
    """One row per member, probe, value and metric, with the columns `TIDY`.

    ``probe`` is ``validation`` and ``training`` for the scores without any, ``best`` for validation with the best
    weights, and ``reference`` for reference levels. ``value`` is the probed value, or ``mean`` for the mean over the
    values of a ``band``, which is empty for a probe that knows no training range. Of a reference level, ``value`` is
    its role and ``metric`` the metric that it belongs to. ``better`` is ``lower``, ``higher``, or empty for a
    descriptive number. A member without any number has one row, with an empty ``probe``.

    Args:
        members: `seqprobe.tracking.run_frames.members`.
    """
    scores = members["score"]
    names = [
        (str(metric), score.name if score else "") for metric, score in zip(members["metric"], scores, strict=True)
    ]
    columns = {name: name_columns(*name) for name in dict.fromkeys(names)}
    by_row = pd.DataFrame([columns[name] for name in names], members.index, ["probe", "band", "value", "metric"])
    others = members.drop(columns=["metric", "score"]).rename(columns={"value": "score"})
    others = others.assign(
        started=pd.to_datetime(members["started"], unit="ms", utc=True),
        better=[(score.better or "") if score else "" for score in scores],
        unit=[score.unit if score else "" for score in scores],
    )
    return pd.concat([others, by_row], axis=1)[TIDY]


def name_columns(metric: str, score: str = "") -> tuple[str, str, str, str]:
    """A metric's name as probe, band, value and metric; ``score`` is the name of its score."""
    part = MetricName.parse(metric)
    if part.group == "probe":
        return part.probe, part.band, part.value or "mean", part.measure
    if part.group == "reference":
        return part.group, part.band, part.role, str(part.scored if part.probe else MetricName("val", score))
    return SPLITS.get(part.group, part.group), "", "", part.measure


def select(
    members: pd.DataFrame,
    tasks: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
    since: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Members on these tasks and of these models, started at ``since`` or later; None allows all."""
    for column, allowed in (("task", tasks), ("model", models)):
        if allowed is not None:
            members = members[members[column].isin(allowed)]
    return members if since is None else members[members["started"] >= since.timestamp() * 1000]


def current_members(members: pd.DataFrame) -> pd.DataFrame:
    """The members that are compared, with three more columns.

    ``setting`` is the task, with those of its settings in which runs of the task differ: models are compared within it.
    ``variant`` is a model's name there: with its preset and its other settings. Probes that some runs have and others
    lack are neither. ``differing`` has the overrides that are part of either.

    Of runs with the same name but different training (by another version of the code, say) the newest training with a
    finished run counts; of a seed that was recorded twice its finished run with the most probes, of these the newest,
    or else its newest.
    """
    runs = newest_members(named_runs(members.drop_duplicates("run_id", ignore_index=True)), NAME_PARAMS)
    names = run_names(runs)
    chosen = members[members["run_id"].isin(names)]
    columns = pd.DataFrame([names[run] for run in chosen["run_id"]], chosen.index, ["setting", "variant", "differing"])
    return pd.concat([chosen, columns], axis=1)


def newest_members(runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Of runs that are equal in the columns ``keys`` those of the newest training, and of each of its seeds one run.

    Args:
        runs: `named_runs`.
    """
    runs = runs.assign(finished=runs["status"] == "FINISHED").sort_values(["finished", "started"], kind="stable")
    runs = runs[runs["training"] == runs.groupby(list(keys), sort=False)["training"].transform("last")]
    runs = runs.sort_values(["finished", "probes", "started"], kind="stable")
    return runs.drop_duplicates([*keys, "seed"], keep="last")


def named_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs with their overrides as names are made of them: sorted, and without probes that keep no runs apart.

    Another column, ``probes``, is by how many probes a run has more than its task states.
    """
    lists = runs["overrides"].map(override_list)
    left_out = {task: comparable_overrides(overrides) for task, overrides in lists.groupby(runs["task"])}
    named = [
        " ".join(sorted(set(overrides) - left_out[task])) for task, overrides in zip(runs["task"], lists, strict=True)
    ]
    return runs.assign(overrides=named, probes=[added_probes(overrides) for overrides in lists])
