"""The table of a population's final scores, an artifact: its runs show the main ones as metrics, the table has all."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from seqprobe.learning.recorder import Notice
from seqprobe.scoring import MetricName, Tag
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store

SCORE_TABLE = "tables/scores.csv"
"""Its place among the artifacts of a population's run."""


class DamagedTable(Exception):
    """A table cannot be used, for the reason in the message."""


class ScoreRow(NamedTuple):
    """A member's score by a metric."""

    metric: str
    seed: int
    value: float


def score_table(seeds: Sequence[int], scores: Mapping[str, np.ndarray]) -> list[ScoreRow]:
    """One row per metric and member, sorted by the metric's name.

    Args:
        scores: ``(seeds,)`` each, by metric name.
    """
    rows = ((name, zip(seeds, scores[name].tolist(), strict=True)) for name in sorted(scores))
    return [ScoreRow(name, seed, value) for name, members in rows for seed, value in members]


def to_csv(table: Sequence[ScoreRow]) -> bytes:
    """A score table as a file, in which every number has all its digits."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([ScoreRow._fields, *table])  # which writes a float's repr
    return file.getvalue().encode()


def from_csv(content: bytes) -> list[ScoreRow]:
    """The inverse of `to_csv`, to the bit; in a tenth of the time that pandas takes."""
    _, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return [ScoreRow(metric, int(seed), float(value)) for metric, seed, value in rows]


def digest(content: bytes) -> str:
    """The SHA-256 of a table's file, which the tag `Tag.SCORES_DIGEST` states."""
    return hashlib.sha256(content).hexdigest()


def joined_scores(earlier: Sequence[ScoreRow], new: Sequence[ScoreRow]) -> list[ScoreRow]:
    """The scores of an earlier table and of a new one; those of the new one's probes replace the earlier ones."""
    probes = {MetricName.parse(name).probe for name in {row.metric for row in new}}
    kept = [row for row in earlier if MetricName.parse(row.metric).probe not in probes]
    return sorted([*kept, *new], key=lambda row: row.metric)


def recorded_table(store: Store, population: StoredRun) -> list[ScoreRow] | None:
    """The score table of a population's run; None for a run of an earlier version, which has all scores as metrics.

    Raises:
        DamagedTable: it is missing, or was changed.
    """
    stated = population.tags.get(Tag.SCORES_DIGEST)
    if stated is None:
        return None
    content = store.artifact(population.run_id, SCORE_TABLE)
    if content is None or digest(content) not in stated.split():
        what = "cannot be read" if content is None else "was changed after it was recorded"
        raise DamagedTable(f"{store.artifact_place(population, SCORE_TABLE)} {what}")
    return from_csv(content)


def member_scores(store: Store, population: StoredRun, notice: Notice) -> dict[int, dict[str, float]]:
    """Each member's scores in a population's table, by seed and metric name; empty without a table.

    Args:
        notice: called with a line of text about a table that cannot be used.
    """
    try:
        table = recorded_table(store, population)
    except DamagedTable as problem:
        notice(f"{problem}: of its population only the metrics are known")
        return {}
    scores: dict[int, dict[str, float]] = {}
    for metric, seed, value in table or ():
        scores.setdefault(seed, {})[metric] = value
    return scores
