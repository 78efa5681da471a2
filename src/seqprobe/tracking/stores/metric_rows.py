"""How metric values reach a store: through MLflow's client, or many runs at once into an embedded store's database.

MLflow's requests take about 3 ms each and 0.1 ms per value, which for hundreds of seeds is as long as the training
itself. Its two tables take the same rows in one transaction, at less than a tenth of that. One transaction also keeps
them consistent: after a kill both tables have a value, or neither has, and repeating it inserts what is missing.
"""

from __future__ import annotations

import json
import math
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlflow import MlflowClient

BATCH = 1000
"""Most values in one request: MLflow's own limit."""
COLUMNS = {"key", "value", "timestamp", "run_uuid", "step", "is_nan"}
"""What both tables have; a database with others is left to MLflow."""
BUSY_SECONDS = 60
"""How long another process may hold the database."""
ACTIVE = """select count(*) from runs
where lifecycle_stage = 'active' and run_uuid in (select value from json_each(?))"""
INSERT = "insert or ignore into metrics (key, value, timestamp, run_uuid, step, is_nan) values (?, ?, ?, ?, ?, ?)"
LATEST = """insert into latest_metrics (key, value, timestamp, run_uuid, step, is_nan) values (?, ?, ?, ?, ?, ?)
on conflict (key, run_uuid) do update
set value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
where (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)"""


class Value(NamedTuple):
    """One value of a metric: ``timestamp`` in milliseconds, ``step`` in updates."""

    name: str
    value: float
    timestamp: int
    step: int


Row = tuple[str, float, int, str, int, bool]
"""``key, value, timestamp, run_uuid, step, is_nan``"""
Values = Mapping[str, Sequence[Value]]
"""Values by run id, in the order in which they were recorded."""


def log_through_client(client: MlflowClient, values: Values) -> None:
    """Write by MLflow's own requests."""
    from mlflow.entities import Metric

    for run, of_run in values.items():
        for start in range(0, len(of_run), BATCH):
            client.log_batch(run, metrics=[Metric(*value) for value in of_run[start : start + BATCH]])


def has_expected_tables(database: Path) -> bool:
    """Whether a database keeps metrics as this module writes them."""
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
        return all(
            {row[1] for row in connection.execute(f"pragma table_info({table})")} == COLUMNS
            for table in ("metrics", "latest_metrics")
        )


def insert_into_database(database: Path, values: Values) -> None:
    """Write in one transaction what `log_through_client` would; a value that is there already stays as it is.

    Raises:
        LookupError: a run was deleted.
    """
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection, connection:
        connection.execute("begin immediate")
        (active,) = connection.execute(ACTIVE, [json.dumps(list(values))]).fetchone()
        if active < len(values):
            raise LookupError(f"{len(values) - active} of {len(values)} runs are not active")
        rows = table_rows(values)
        connection.executemany(INSERT, rows)
        connection.executemany(LATEST, latest_rows(rows))


def table_rows(values: Values) -> list[Row]:
    """A table row per value; NaN is stored as a flag, an infinity as the largest number, as MLflow does."""
    return [
        (name, value, timestamp, run, step, False)
        if isfinite(value)
        else (name, stored_number(value), timestamp, run, step, isnan(value))
        for run, of_run in values.items()
        for name, value, timestamp, step in of_run
    ]


def stored_number(value: float) -> float:
    """What both tables have in place of a value that is not finite."""
    return 0.0 if isnan(value) else math.copysign(sys.float_info.max, value)


def latest_rows(rows: Sequence[Row]) -> list[Row]:
    """The row of each run and metric with the highest step; of equal ones the latest, then the greatest."""
    latest: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = row[3], row[0]
        known = latest.get(key)
        # Steps nearly always rise, and then the first comparison decides.
        if known is None or row[4] > known[4] or (row[4], row[2], row[1]) >= (known[4], known[2], known[1]):
            latest[key] = row
    return list(latest.values())
