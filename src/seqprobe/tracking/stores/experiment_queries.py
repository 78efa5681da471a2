"""Reading an embedded store's experiments in its database, without MLflow: loading that takes a second and 95 MiB."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from seqprobe.tracking.stores.databases import connection_to_read


class StoredExperiment(NamedTuple):
    """An experiment that is not deleted."""

    experiment_id: str
    tags: dict[str, str]


def query_experiment(database: Path, name: str) -> StoredExperiment | None:
    """The experiment of a name; None if there is none, or it is deleted.

    Raises:
        sqlite3.OperationalError: the database has other tables.
    """
    statement = "select experiment_id from experiments where name = ? and lifecycle_stage = 'active'"
    with connection_to_read(database) as connection:
        row = connection.execute(statement, (name,)).fetchone()
    return None if row is None else StoredExperiment(str(row[0]), query_experiment_tags(database, str(row[0])))


def query_experiment_tags(database: Path, experiment: str) -> dict[str, str]:
    """The tags of the experiment with an id.

    Raises:
        sqlite3.OperationalError: the database has other tables.
    """
    statement = "select key, value from experiment_tags where experiment_id = ?"
    with connection_to_read(database) as connection:
        return dict(connection.execute(statement, (int(experiment),)).fetchall())
