"""Runs are found in an embedded store's database as MLflow would find them, without reading other runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import mlflow
import pytest
from alembic import command
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base as InitialBase
from sqlalchemy import create_engine
from stored_scores import members

from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.run_frames import records
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores import store as stores
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.run_queries import INDEXES, SEARCHED, add_indexes, search_statement
from seqprobe.tracking.stores.store import Store

NAMES = {"seqprobe_tags", "seqprobe_running"}
FIRST, SECOND = "20261121-222643-0030183", "20261122-000000-0000001"
# Kind, sweeps, attempt, task, status.
RUNS = [
    ("population", FIRST, "a", "sine", "FINISHED"),
    ("seed", FIRST, "a", "sine", "FINISHED"),
    ("seed", f"{FIRST} {SECOND}", "b", "line", "RUNNING"),
    ("seed", SECOND, "b", "it's", "KILLED"),
    ("comparison", "", "c", "sine", "FINISHED"),
]
# The filter, and which of RUNS meet it.
FILTERS = [
    (RunFilter(), [0, 1, 2, 3, 4]),
    (RunFilter("seed"), [1, 2, 3]),
    (RunFilter("nothing"), []),
    (RunFilter(status="RUNNING"), [2]),
    (RunFilter("seed", "FINISHED"), [1]),
    (RunFilter(parts={Tag.SWEEP: FIRST}), [0, 1, 2]),
    (RunFilter("seed", parts={Tag.SWEEP: SECOND}), [2, 3]),
    (RunFilter("seed", parts={Tag.SWEEP: ""}), [1, 2, 3]),
    (RunFilter(tags={Tag.ATTEMPT: "b"}), [2, 3]),
    (RunFilter(tags={Tag.ATTEMPT: "b", Tag.SWEEP: SECOND}, params={"seed": "3"}), [3]),
    (RunFilter("seed", "KILLED", {Tag.ATTEMPT: "b"}, {Tag.SWEEP: SECOND}, {"task": "it's"}), [3]),
    (RunFilter(params={"task": "sine"}), [0, 1, 4]),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    store = EmbeddedStore(str(tmp_path_factory.mktemp("mlruns")))
    experiment, client = store.experiment_id("e"), store.client()
    for number, (kind, sweeps, attempt, task, status) in enumerate(RUNS):
        tags = {Tag.KIND: kind, Tag.ATTEMPT: attempt, **({Tag.SWEEP: sweeps} if sweeps else {})}
        run = client.create_run(experiment, start_time=1000 + number, tags=tags).info.run_id
        for name, value in (("task", task), ("seed", number)):
            client.log_param(run, name, value)
        client.log_metric(run, "val/loss", [1.0, float("nan"), float("inf"), -float("inf"), 0.5][number])
        client.set_terminated(run, status)
    deleted = client.create_run(experiment, tags={Tag.KIND: "seed", Tag.SWEEP: FIRST, Tag.ATTEMPT: "b"}).info.run_id
    client.delete_run(deleted)
    return store


@pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=str)
def test_the_database_and_mlflows_search_find_the_same(
    store: EmbeddedStore, wanted: RunFilter, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = store.search(wanted)
    assert [int(run.params["seed"]) for run in runs] == expected
    assert [run.tags[Tag.KIND] for run in runs] == [RUNS[number][0] for number in expected]
    monkeypatch.setattr(stores, "PAGE", 2)
    through_mlflow = Store.search(store, wanted)
    assert list(map(repr, through_mlflow)) == list(map(repr, runs))  # NaN equals NaN there


def test_a_run_is_found_by_its_id_alike(store: EmbeddedStore) -> None:
    third = store.search(RunFilter())[2].run_id
    for wanted, expected in ((RunFilter(run_id=third), ["2"]), (RunFilter("population", run_id=third), [])):
        assert [run.params["seed"] for run in store.search(wanted)] == expected
        assert [run.params["seed"] for run in Store.search(store, wanted)] == expected


def steps(store: EmbeddedStore, wanted: RunFilter) -> list[str]:
    """How SQLite goes through its tables."""
    statement, values = search_statement(wanted)
    with closing(sqlite3.connect(store.database)) as connection:
        return [row[3] for row in connection.execute(f"explain query plan {statement}", values)]


@pytest.mark.parametrize("tag", SEARCHED)
def test_a_search_by_tag_reads_that_tag_alone(store: EmbeddedStore, tag: str) -> None:
    for wanted in (RunFilter("seed", "FINISHED", parts={tag: "x"}), RunFilter("seed", tags={tag: "x"})):
        first, *others = steps(store, wanted)
        assert first.startswith("SEARCH t0 USING COVERING INDEX seqprobe_tags (key=?")
        assert not [step for step in others if step.startswith("SCAN")]


def test_running_runs_have_an_index(store: EmbeddedStore) -> None:
    assert steps(store, RunFilter(status="RUNNING"))[0].startswith("SEARCH r USING INDEX seqprobe_running")


def test_a_sweep_reads_its_own_runs_and_no_others(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[StoredRun] = []

    def search(self: EmbeddedStore, wanted: RunFilter) -> list[StoredRun]:
        read.extend(runs := original(self, wanted))
        return runs

    original = EmbeddedStore.search
    monkeypatch.setattr(EmbeddedStore, "search", search)
    assert set(members(store, SECOND)["seed"]) == {2, 3}
    assert len(read) == 2
    assert [run.params["seed"] for run in records(store, "population", FIRST[:-1])] == []  # part of an id is none
    assert len(read) == 3


def indexes(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {name for (name,) in connection.execute("select name from sqlite_master where type = 'index'")} & NAMES


def test_a_store_made_without_the_indexes_gets_them(tmp_path: Path) -> None:
    EmbeddedStore(str(tmp_path)).client()
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection, connection:
        for name in NAMES:
            connection.execute(f"drop index {name}")
    assert indexes(tmp_path / "mlflow.db") == set()
    EmbeddedStore(str(tmp_path)).client()
    assert indexes(tmp_path / "mlflow.db") == NAMES
    assert len(INDEXES) == len(NAMES)


def test_mlflows_migrations_keep_the_indexes(tmp_path: Path) -> None:
    """From MLflow's first tables to its newest, some of which are made anew on the way."""
    database, uri = tmp_path / "mlflow.db", f"sqlite:///{tmp_path}/mlflow.db"
    engine = create_engine(uri)
    InitialBase.metadata.create_all(engine)
    engine.dispose()  # Python 3.13 warns of connections that are left open
    add_indexes(database)
    command.upgrade(_get_alembic_config(uri), "heads")
    assert indexes(database) == NAMES
    client = mlflow.MlflowClient(uri)
    run = client.create_run("0", tags={Tag.KIND: "seed", Tag.ATTEMPT: "a"}).info.run_id
    assert [found.run_id for found in EmbeddedStore(str(tmp_path)).search(RunFilter(tags={Tag.ATTEMPT: "a"}))] == [run]
