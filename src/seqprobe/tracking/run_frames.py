"""The runs of a store as data frames."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from seqprobe.learned import recorded_outcome
from seqprobe.learning.recorder import Notice
from seqprobe.scoring import MetricName, Score, Tag
from seqprobe.tracking.recorded_scores import scores_of_metrics
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.score_table import member_scores
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store

NAME_PARAMS = ["task", "model", "preset", "overrides"]
"""Params that name what a run trained."""
RUN_COLUMNS = [
    "run_id",
    "parent_id",
    "experiment_id",
    *NAME_PARAMS,
    "seed",
    "training",
    "tuned",
    "started",
    "status",
    "outcome",
]
METRIC_COLUMNS = ["metric", "value", "score", "is_main"]


def print_notice(text: str) -> None:
    """Print a line where it is not part of a result."""
    print(text, file=sys.stderr)


@dataclass(frozen=True)
class StoredMembers:
    """The members of a store's populations, oldest first.

    Reading a population's table takes a request to a server, so only those of the members whose scores are wanted are.

    Attributes:
        members: their runs.
        populations: their parents' runs by id.
        notice: called with a line of text about a table that cannot be used.
    """

    store: Store
    members: Sequence[StoredRun]
    populations: Mapping[str, StoredRun]
    notice: Notice = print_notice

    @classmethod
    def read(cls, store: Store, sweep: str | None = None) -> StoredMembers:
        """All members, or only those of a ``sweep``."""
        populations = {run.run_id: run for run in records(store, "population", sweep)}
        return cls(store, records(store, "seed", sweep), populations)

    def runs(self) -> pd.DataFrame:
        """One row per member, with `RUN_COLUMNS`."""
        rows = []
        for run in self.members:
            outcome = member_outcome(run, scores_of_metrics(self.stated(run), tuple(run.metrics)))
            rows.append((*member_columns(run), outcome))
        return pd.DataFrame(rows, columns=RUN_COLUMNS)

    def scores(self, runs: pd.DataFrame) -> pd.DataFrame:
        """Final scores of some members: one row per run and metric, with the columns of ``runs`` and `METRIC_COLUMNS`.

        ``score`` is the metric's `seqprobe.scoring.Score`, None where it has none; ``is_main`` whether models are
        compared by the metric. A member without any has one row, with an empty ``metric``.

        Args:
            runs: rows of `runs`, perhaps with further columns.
        """
        by_id = {run.run_id: run for run in self.members}
        parents = [self.populations[parent] for parent in runs["parent_id"].unique() if parent in self.populations]
        tables = {parent.run_id: member_scores(self.store, parent, self.notice) for parent in parents}
        rows, places = list[tuple[object, ...]](), list[int]()
        for place, keys in enumerate(zip(runs["run_id"], runs["parent_id"], runs["seed"], strict=True)):
            run_id, parent, seed = keys
            run = by_id[run_id]
            metrics = {**run.metrics, **tables.get(parent, {}).get(seed, {})} or {"": float("nan")}
            scores = scores_of_metrics(self.stated(run), tuple(metrics))
            rows += [(metric, value, *scores[metric]) for metric, value in metrics.items()]
            places += [place] * len(metrics)
        measured = pd.DataFrame(rows, columns=METRIC_COLUMNS)
        return pd.concat([runs.iloc[places].reset_index(drop=True), measured], axis=1)

    def stated(self, run: StoredRun) -> str:
        """The tag with what is stated of a member's scores.

        The population's counts before the member's: probes that are added later are stated there alone.
        """
        population = self.populations.get(run.tags.get(Tag.PARENT, ""))
        tags = {} if population is None else population.tags
        return tags.get(Tag.SCORES, "") or run.tags.get(Tag.SCORES, "")


def member_columns(run: StoredRun) -> tuple[object, ...]:
    """A member's values of `RUN_COLUMNS`, up to its outcome."""
    params, tags = run.params, run.tags
    return (
        run.run_id,
        tags.get(Tag.PARENT, ""),
        run.experiment_id,
        *(params.get(name, "") for name in NAME_PARAMS),
        int(params.get("seed", -1)),
        tags.get(Tag.TRAINING, ""),
        tags.get(Tag.TUNED, ""),
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
    """Runs whose tag ``seqprobe.kind`` is ``kind``, oldest first; of one ``sweep``, or of all but trials of tunings."""
    runs = store.search(RunFilter(kind, parts={Tag.SWEEP: sweep} if sweep else {}))
    listed = [run for run in runs if Tag.TRIAL not in run.tags]
    return [run for run in listed if not sweep or sweep in run.tags[Tag.SWEEP].split()]
