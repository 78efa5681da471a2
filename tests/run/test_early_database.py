"""A database that a fork makes is the one that the store would make, and is made only where there is none."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from seqprobe.run import early_database as early
from seqprobe.run.composed_run import composed_run
from seqprobe.run.early_database import early_database, empty_database, hand_over, is_missing
from seqprobe.tracking.stores.embedded import EmbeddedStore, no_database

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(early, "has_spare_core", lambda threads: True)
    return folder


def content(database: Path) -> list[Any]:
    """How a database keeps its journal, its version, its tables, and what is in them but times and random names."""
    queries = (
        "pragma journal_mode",
        "select version_num from alembic_version",
        "select name, sql from sqlite_master order by name",
        "select experiment_id, name, lifecycle_stage from experiments",
        "select * from experiment_tags",
    )
    with closing(sqlite3.connect(database)) as connection:
        return [connection.execute(query).fetchall() for query in queries]


@pytest.mark.usefixtures("migrated_database")
def test_a_fork_makes_the_database_that_the_store_would_make(tmp_path: Path, temporary: Path) -> None:
    stores = [EmbeddedStore(str(tmp_path / name)) for name in ("own", "forked")]
    with early_database(composed_run([f"tracking.dir={tmp_path}/forked"], None)) as made:
        assert len(list(temporary.iterdir())) == 1
        hand_over(made, stores[1])
        clients = [store.client() for store in stores]
    own, forked = (content(store.database) for store in stores)
    assert own == forked
    assert own[0] == [("wal",)]
    assert len(own[2]) > 50
    ids = [store.experiment_id("sine") for store in stores]
    places = [client.get_experiment(identity).artifact_location for client, identity in zip(clients, ids, strict=True)]
    assert places == [f"{tmp_path}/own/artifacts/sine", f"{tmp_path}/forked/artifacts/sine"]
    assert list(temporary.iterdir()) == []


def test_without_a_fork_the_store_makes_its_database(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with early_database(composed_run([f"tracking.dir={temporary}/store"], None)) as made:
        monkeypatch.setattr(early, "has_spare_core", lambda threads: False)
    assert made is not no_database
    with early_database(composed_run([f"tracking.dir={temporary}/store"], None)) as made:
        assert made is no_database
    assert list(temporary.iterdir()) == []


def test_a_full_disk_is_left_to_the_store(temporary: Path) -> None:
    temporary.rmdir()
    with early_database(composed_run([f"tracking.dir={temporary.parent}/store"], None)) as made:
        assert made is no_database


@pytest.mark.parametrize(
    ("override", "missing"),
    [
        ("tracking.dir={}/none", True),
        ("tracking.dir={}", False),
        ("tracking.dir='~nobody_of_this_name'", False),
        ("tracking=server", False),
        ("tracking.dir=null", False),
    ],
)
def test_which_store_lacks_a_database(override: str, missing: bool, tmp_path: Path) -> None:
    EmbeddedStore(str(tmp_path)).client()
    uri = ["tracking.uri=http://127.0.0.1:1"] if override == "tracking=server" else []
    assert is_missing(composed_run([override.format(tmp_path), *uri], None)) is missing


def test_what_is_made_can_be_read_at_once(tmp_path: Path) -> None:
    assert empty_database(tmp_path)[:15] == b"SQLite format 3"
