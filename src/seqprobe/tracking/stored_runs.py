"""Runs as they are kept, with their params, tags and last metrics."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StoredRun:
    """A run.

    Attributes:
        started, ended: in milliseconds since 1970; ``ended`` is None while it runs.
        metrics: the last value of each.
    """

    run_id: str
    experiment_id: str
    status: str
    started: int
    ended: int | None
    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: Mapping[str, float]

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.tags.get("mlflow.runName", "")


def original_value(value: float | None) -> float:
    """A metric's value as it was recorded: MLflow stores NaN as null, and an infinity as the largest number."""
    if value is None:
        return math.nan
    return math.copysign(math.inf, value) if abs(value) >= sys.float_info.max else value


def stored_run(run: Any) -> StoredRun:
    """An MLflow run as this package reads it."""
    return StoredRun(
        run_id=str(run.info.run_id),
        experiment_id=str(run.info.experiment_id),
        status=str(run.info.status),
        started=int(run.info.start_time),
        ended=run.info.end_time,
        params=run.data.params,
        tags=run.data.tags,
        metrics={name: original_value(value) for name, value in run.data.metrics.items()},
    )
