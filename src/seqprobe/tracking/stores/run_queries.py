"""Searching the runs of an embedded store in its database.

MLflow's own search takes 8 ms a run, most of it for objects that stand for metrics, and reads every tag of a name to
find one value. Its tables take a tenth of that, and with `INDEXES` the time does not grow with the store.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from sys import intern
from typing import Any

from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun, original_value
from seqprobe.tracking.stores.databases import connection_to_read
from seqprobe.tracking.stores.metric_rows import BUSY_SECONDS, Value

SEARCHED = (Tag.TRAINING, Tag.POPULATION, Tag.EARLIER_POPULATION, Tag.ATTEMPT, Tag.SWEEP, Tag.PARENT)
"""Tags that runs are searched by. Few runs have the same value, so a search begins with them."""
INDEXES = (
    "create index if not exists seqprobe_tags on tags (key, value, run_uuid) where "
    + " or ".join(f"key = '{tag}'" for tag in SEARCHED),
    "create index if not exists seqprobe_running on runs (status) where status = 'RUNNING'",
)
"""Added to MLflow's own; its migrations keep them."""
ACTIVE = "r.lifecycle_stage = 'active' and e.lifecycle_stage = 'active'"
RUN = "r.run_uuid, r.experiment_id, r.status, r.start_time, r.end_time"
OF_RUNS = "from json_each(?) j cross join {table} x on x.run_uuid = j.value"
METRIC = "case when x.is_nan then null else x.value end"
"""A metric's value; MLflow stores NaN as a flag beside the number 0."""


def add_indexes(database: Path) -> None:
    """Make searches in an embedded store's database independent of how many runs it has.

    Raises:
        sqlite3.OperationalError: it cannot be written.
    """
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection, connection:
        present = {name for (name,) in connection.execute("select name from sqlite_master where type = 'index'")}
        for statement in INDEXES:
            if statement.split()[5] not in present:
                connection.execute(statement)


def query_runs(database: Path, wanted: RunFilter) -> list[StoredRun]:
    """The runs that meet a filter, oldest first, with their params, tags and last metrics.

    Raises:
        sqlite3.OperationalError: the database has other tables.
    """
    statement, values = search_statement(wanted)
    with connection_to_read(database) as connection:
        connection.execute("begin")  # one state of the database for all tables
        runs = connection.execute(statement, values).fetchall()
        ids = json.dumps([run for run, *_ in runs])
        params, tags, metrics = (
            values_by_run(connection, table, column, ids)
            for table, column in (("params", "x.value"), ("tags", "x.value"), ("latest_metrics", METRIC))
        )
    return [
        StoredRun(
            run_id=run,
            experiment_id=str(experiment),
            status=status,
            started=started,
            ended=ended,
            params=params[run],
            tags=tags[run],
            metrics={name: original_value(value) for name, value in metrics[run].items()},
        )
        for run, experiment, status, started, ended in runs
    ]


def search_statement(wanted: RunFilter) -> tuple[str, Sequence[str]]:
    """The statement that finds the runs which meet a filter, with its values.

    Names of tags are written into it, since SQLite chooses `INDEXES` by them.
    """
    conditions = [(f"{{0}}.key = '{tag}' and {{0}}.value = ?", value) for tag, value in wanted.all_tags.items()]
    conditions += [(f"{{0}}.key = '{tag}' and instr({{0}}.value, ?)", part) for tag, part in wanted.parts.items()]
    conditions.sort(key=lambda condition: not any(f"'{tag}'" in condition[0] for tag in SEARCHED))
    sources, where, values = ["runs r"], [ACTIVE], list[str]()
    for number, (condition, value) in enumerate(conditions):
        # A cross join keeps this order: by the rarest tag first, then by run.
        sources.insert(number, f"tags t{number}")
        where += [condition.format(f"t{number}"), f"t{number}.run_uuid = {'r' if not number else 't0'}.run_uuid"]
        values.append(value)
    for name, value in wanted.params.items():
        where.append("exists (select 1 from params p where p.key = ? and p.run_uuid = r.run_uuid and p.value = ?)")
        values += [name, value]
    if wanted.run_id:
        where.append("r.run_uuid = ?")
        values.append(wanted.run_id)
    if wanted.status:
        where.append("r.status = 'RUNNING'" if wanted.status == "RUNNING" else "r.status = ?")
        values += [] if wanted.status == "RUNNING" else [wanted.status]
    joined = " cross join ".join([*sources, "experiments e"])
    both = " and ".join(["e.experiment_id = r.experiment_id", *where])
    return f"select {RUN} from {joined} where {both} order by r.start_time, r.run_uuid", values


def values_by_run(connection: sqlite3.Connection, table: str, column: str, ids: str) -> dict[str, dict[str, Any]]:
    """A column's values by run and key; ``ids`` are the runs as a JSON list."""
    by_run: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for run, key, value in connection.execute(
        f"select x.run_uuid, x.key, {column} {OF_RUNS.format(table=table)}", (ids,)
    ):
        by_run[run][intern(key)] = value
    return by_run


def recorded_values(database: Path, run_id: str) -> list[Value]:
    """Every value of every metric of a run."""
    statement = f"select x.key, {METRIC}, x.timestamp, x.step from metrics x where x.run_uuid = ?"
    with connection_to_read(database) as connection:
        rows = connection.execute(statement, (run_id,)).fetchall()
    return [Value(name, original_value(value), timestamp, step) for name, value, timestamp, step in rows]
