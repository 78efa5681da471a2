"""The tables that runs keep as artifacts, and their numbers as arrays."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from seqprobe.tracking.store import Store

Tables = Callable[[str, str], "pd.DataFrame | None"]
"""A table by its run and its name, or None where it is missing."""
FIRST = ("rmse", "accuracy")


def kept_tables(store: Store) -> Tables:
    """The tables of a store's runs, each read once."""
    known: dict[tuple[str, str], pd.DataFrame | None] = {}

    def table(run_id: str, name: str) -> pd.DataFrame | None:
        if (run_id, name) not in known:
            content = store.artifact(run_id, f"tables/{name}.csv")
            known[run_id, name] = None if content is None else pd.read_csv(io.BytesIO(content))
        return known[run_id, name]

    return table


def by_member(table: pd.DataFrame, along: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions ``(n,)`` in order and each seed's values there ``(seeds, n)``, their mean where there are several."""
    wide = table.pivot_table(index="seed", columns=along, values=column, aggfunc="mean", dropna=False)
    return wide.columns.to_numpy(), wide.to_numpy(dtype=float)


def main_metric(metrics: Iterable[str]) -> str:
    """The metric by which a probe is shown: its error or its accuracy, if it has one, else its first."""
    names = list(dict.fromkeys(metrics))
    return next((name for name in FIRST if name in names), names[0])
