"""The runs of a store as data frames."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from seqprobe.learned import recorded_outcome
from seqprobe.scoring import MetricName, Score, Tag
from seqprobe.tracking.recorded_scores import scores_of_metrics
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store

NAME_PARAMS = ["task", "model", "preset", "overrides"]
"""Params that name what a run trained."""
COLUMNS = [
    "run_id",
    "parent_id",
    "experiment_id",
    *NAME_PARAMS,
    "seed",
    "training",
    "started",
    "status",
    "outcome",
    "metric",
    "value",
    "score",
    "is_main",
]


def members(store: Store, sweep: str | None = None) -> pd.DataFrame:
    """Final metrics of every member: one row per run and metric, with `COLUMNS`.

    ``score`` is the metric's `seqprobe.scoring.Score`, None where it has none; ``is_main`` whether models are compared
    by the metric. A member without any metric has one row, with an empty ``metric``.

    Args:
        sweep: only the runs of this sweep.
    """
    # The population's tag counts before the member's: probes that are added later are stated there alone.
    stated = {run.run_id: run.tags.get(Tag.SCORES, "") for run in records(store, "population", sweep)}
    rows = []
    for run in records(store, "seed", sweep):
        metrics = run.metrics or {"": float("nan")}
        tag = stated.get(run.tags.get(Tag.PARENT, "")) or run.tags.get(Tag.SCORES, "")
        scores = scores_of_metrics(tag, tuple(metrics))
        shared = (*member_columns(run), member_outcome(run, scores))
        rows += [(*shared, metric, value, *scores[metric]) for metric, value in metrics.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def member_columns(run: StoredRun) -> tuple[object, ...]:
    """The values of `COLUMNS` that all metrics of a member share, up to its outcome."""
    params, tags = run.params, run.tags
    return (
        run.run_id,
        tags.get(Tag.PARENT, ""),
        run.experiment_id,
        *(params.get(name, "") for name in NAME_PARAMS),
        int(params.get("seed", -1)),
        tags.get(Tag.TRAINING, ""),
        run.started,
        run.status,
    )


def member_outcome(run: StoredRun, scores: Mapping[str, tuple[Score | None, bool]]) -> str:
    """A member's outcome, of `seqprobe.learned.OUTCOMES`; empty for a run without any, as one that has not finished.

    Args:
        scores: of its metrics, by name, and whether models are compared by them.
    """
    tag = run.tags.get(Tag.OUTCOME, "")
    main = (score for name, (score, is_main) in scores.items() if is_main and MetricName.parse(name).group == "val")
    return recorded_outcome(tag, run.metrics, next(main, None)) if tag else ""


def records(store: Store, kind: str, sweep: str | None = None) -> list[StoredRun]:
    """Runs whose tag ``seqprobe.kind`` is ``kind``, oldest first; of one ``sweep``, or of all."""
    runs = store.search(RunFilter(kind, parts={Tag.SWEEP: sweep} if sweep else {}))
    return [run for run in runs if not sweep or sweep in run.tags[Tag.SWEEP].split()]
