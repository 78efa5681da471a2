"""The table of a population's final scores, an artifact: its runs show the main ones as metrics, the table has all."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from seqprobe.learning.recorder import Notice
from seqprobe.scoring import MetricName, Tag
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store

SCORE_TABLE = "tables/scores.csv"
"""Its place among the artifacts of a population's run."""


class DamagedTable(Exception):
    """A table cannot be used, for the reason in the message."""


def score_table(seeds: Sequence[int], scores: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """One row per metric and member, sorted by the metric's name: columns ``metric, seed, value``.

    Args:
        scores: ``(seeds,)`` each, by metric name.
    """
    names = sorted(scores)
    values = np.concatenate([scores[name] for name in names]) if names else np.empty(0)
    columns = {"metric": np.repeat(names, len(seeds)), "seed": np.tile(list(seeds), len(names)), "value": values}
    return pd.DataFrame(columns)


def to_csv(table: pd.DataFrame) -> bytes:
    """A score table as a file, in which every number has all its digits."""
    texts = [repr(value) for value in table["value"].tolist()]
    return table.assign(value=texts).to_csv(index=False, lineterminator="\n").encode()


def from_csv(content: bytes) -> pd.DataFrame:
    """The inverse of `to_csv`, to the bit."""
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    return table.astype({"seed": int}).assign(value=[float(text) for text in table["value"]])  # pandas may round


def digest(content: bytes) -> str:
    """The SHA-256 of a table's file, which the tag `Tag.SCORES_DIGEST` states."""
    return hashlib.sha256(content).hexdigest()


def joined_scores(earlier: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """The scores of an earlier table and of a new one; those of the new one's probes replace the earlier ones."""
    probes = {MetricName.parse(name).probe for name in new["metric"].unique()}
    kept = {name: MetricName.parse(name).probe not in probes for name in earlier["metric"].unique()}
    together = pd.concat([earlier[earlier["metric"].map(kept).astype(bool)], new], ignore_index=True)
    return together.sort_values("metric", kind="stable", ignore_index=True)


def recorded_table(store: Store, population: StoredRun) -> pd.DataFrame | None:
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
    if table is None:
        return {}
    groups = table.groupby("seed", sort=False)
    return {int(str(seed)): dict(zip(rows["metric"], rows["value"].tolist(), strict=True)) for seed, rows in groups}
