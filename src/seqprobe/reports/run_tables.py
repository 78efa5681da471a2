"""The tables that runs keep as artifacts, and their numbers as arrays."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import pandas as pd

from seqprobe.reports.comparison import Variant
from seqprobe.scoring import LEVEL_LABELS, level_label, main_score
from seqprobe.tracking.artifacts import table_content
from seqprobe.tracking.stores.store import Store

Tables = Callable[[Variant, str], "pd.DataFrame | None"]
"""A model's table by its name, with the rows of its seeds; None where it is missing or cannot be read."""


def kept_tables(store: Store) -> Tables:
    """The tables of a store's populations, each read once."""

    @cache
    def of_run(run_id: str, name: str) -> pd.DataFrame | None:
        content = table_content(store, run_id, name)
        return None if content is None else read_table(content)

    def table(variant: Variant, name: str) -> pd.DataFrame | None:
        parts = []
        for run, seeds in variant.populations.items():
            part = of_run(run, name)
            if part is not None and "seed" in part:
                parts.append(part[part["seed"].isin(list(seeds))])
        rows = pd.concat(parts, ignore_index=True) if parts else None
        return rows if rows is not None and len(rows) else None

    return table


def read_table(content: bytes) -> pd.DataFrame | None:
    """A table from a CSV file; None if it is none."""
    try:
        return pd.read_csv(io.BytesIO(content))
    except (ValueError, UnicodeDecodeError):  # pandas' errors of parsing are ValueErrors
        return None


def by_member(table: pd.DataFrame, along: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions ``(n,)`` in order and each seed's values there ``(seeds, n)``, their mean where there are several."""
    positions, place = np.unique(table[along].to_numpy(), return_inverse=True)
    seeds, row = np.unique(table["seed"].to_numpy(), return_inverse=True)
    values = table[column].to_numpy(dtype=float)
    known, cells = ~np.isnan(values), row * len(positions) + place
    counts, sums = (
        np.bincount(cells[known], weights, len(seeds) * len(positions)) for weights in (None, values[known])
    )
    means = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return positions, means.reshape(len(seeds), len(positions))


def level_series(tables: Iterable[pd.DataFrame], along: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each reference level by its label: positions ``(n,)``, and its median over the seeds of all ``tables`` there.

    Where a seed has several levels at a position, it counts with their mean, as its scores do.
    """
    together, series = pd.concat(list(tables)), {}
    for role in LEVEL_LABELS:
        if role in together:
            levels = together.groupby([along, "seed"])[role].mean().groupby(along).median().dropna()
            if len(levels):
                series[level_label(role)] = levels.index.to_numpy(), levels.to_numpy(dtype=float)
    return series


def main_metric(metrics: Iterable[str]) -> str:
    """The metric by which a probe without a main score is shown: one with a well-known name, else its first."""
    names = list(dict.fromkeys(metrics))
    score = main_score(names)
    return names[0] if score is None else score.name
