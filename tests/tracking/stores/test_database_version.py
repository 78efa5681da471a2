"""A store that another version of MLflow made is refused in one line, before anything is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from mlflow.store.db.utils import _get_latest_schema_revision

from seqprobe.checks import InvalidValue
from seqprobe.tracking.stores.database_version import mlflow_versions
from seqprobe.tracking.stores.embedded import EmbeddedStore


def test_the_installed_version_is_the_only_one_that_no_migration_follows() -> None:
    earlier, known = mlflow_versions()
    assert known - earlier == {_get_latest_schema_revision()}


@pytest.mark.parametrize("check", [EmbeddedStore.check, EmbeddedStore.check_readable])
@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("ffffffffffff", "a later version of MLflow made this store: install that version, or choose another folder"),
        (
            "0584bdc529eb",
            "an earlier version of MLflow made this store: copy the folder to be safe, and upgrade it by ",
        ),
    ],
)
def test_another_version_is_refused(
    version: str, message: str, check: Callable[[EmbeddedStore], None], tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection, connection:
        for table in ("experiments", "runs", "alembic_version"):
            connection.execute(f"create table {table} (version_num)")
        connection.execute("insert into alembic_version values (?)", [version])
    with pytest.raises(InvalidValue) as refused:
        check(EmbeddedStore(str(tmp_path)))
    assert str(refused.value).startswith(f"tracking.dir={tmp_path}: {message}")
