"""What the store holds, as data frames."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from seqprobe.tracking.store import Store

NAMES = ["task", "model", "preset", "overrides"]
COLUMNS = ["run_id", "parent_id", *NAMES, "seed", "status", "outcome", "metric", "value"]


def members(store: Store, sweep: str | None = None) -> pd.DataFrame:
    """Final metrics of every member: one row per run and metric, with `COLUMNS`.

    Args:
        sweep: only the runs of this sweep.
    """
    rows = []
    for run in runs_of_kind(store, "seed", sweep):
        params, tags = run.data.params, run.data.tags
        named = [params.get(name, "") for name in NAMES]
        outcome = tags.get("seqprobe.outcome", "")
        shared = (run.info.run_id, tags.get("mlflow.parentRunId", ""), *named, int(params.get("seed", -1)))
        rows += [(*shared, run.info.status, outcome, metric, value) for metric, value in run.data.metrics.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def runs_of_kind(store: Store, kind: str, sweep: str | None) -> list[Any]:
    """MLflow runs whose tag ``seqprobe.kind`` is ``kind``, oldest first; of one ``sweep``, or of all."""
    found = store.search(kind, *([f"tags.`seqprobe.sweep` LIKE '%{sweep}%'"] if sweep else []))
    return [run for run in found if not sweep or sweep in run.data.tags["seqprobe.sweep"].split()]


def artifact(store: Store, run_id: str, path: str) -> bytes | None:
    """The content of a run's artifact, or None where there is none."""
    from mlflow.exceptions import MlflowException

    with tempfile.TemporaryDirectory() as folder:
        try:
            return Path(store.client().download_artifacts(run_id, path, folder)).read_bytes()
        except (MlflowException, OSError):
            return None
