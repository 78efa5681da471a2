"""Stores say how they are opened, and close what a dead process left behind."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, get_error_code
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST
from scripts import ROOT

from seqprobe.checks import InvalidValue
from seqprobe.run.workspace import work_folder
from seqprobe.tracking import process_identity
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores import store as stores
from seqprobe.tracking.stores.embedded import LONGEST_FOLDER, EmbeddedStore, writable
from seqprobe.tracking.stores.server import ServerStore
from seqprobe.tracking.stores.store import Store


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (EmbeddedStore(str(ROOT / "mlruns")), "make ui"),
        (ServerStore("http://127.0.0.1:5077"), "http://127.0.0.1:5077"),
    ],
)
def test_how_it_is_opened(store: EmbeddedStore | ServerStore, expected: str) -> None:
    assert store.ui_command() == expected


def test_another_folder_is_opened_by_its_own_command(tmp_path: Path) -> None:
    assert EmbeddedStore(str(tmp_path)).ui_command() == f"seqprobe ui tracking.dir={tmp_path}"


def test_all_runs_are_found_on_however_many_pages_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PAGE", 2)
    store, tags = EmbeddedStore(str(tmp_path)), {"seqprobe.kind": "seed"}
    experiments = [store.experiment_id(name) for name in ("a", "b", "c", "d")]
    runs = [store.client().create_run(experiment, tags=tags).info.run_id for experiment in experiments]
    assert [run.run_id for run in Store.search(store, RunFilter(kind="seed"))] == runs


def test_runs_of_dead_processes_are_closed_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = EmbeddedStore(str(tmp_path))
    experiment, client = store.experiment_id("e"), store.client()
    monkeypatch.setattr(process_identity, "boot_id", lambda: "now")
    monkeypatch.setattr(process_identity, "machine_id", lambda: "0123")
    monkeypatch.setattr(process_identity, "pid_namespace", lambda: process_identity.INITIAL_NAMESPACE)
    mine = process_identity.process_tags()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    tags = {
        "a dead one's": {**mine, "seqprobe.pid": str(dead.pid)},
        "an earlier one's with a number that is used again": {**mine, "seqprobe.started": "1000.0"},
        "this one's": mine,
        "one's before the machine was restarted": {**mine, "seqprobe.boot": "earlier"},
        "another machine's": {**mine, "seqprobe.host": "other", "seqprobe.pid": str(dead.pid)},
        "a container's": {**mine, "seqprobe.pid_namespace": "pid:[4026532001]", "seqprobe.pid": str(dead.pid)},
        "a container's before": {**mine, "seqprobe.pid_namespace": "pid:[4026532001]", "seqprobe.boot": "earlier"},
        "another machine's with this one's name": {**mine, "seqprobe.boot": "other", "seqprobe.machine_id": "other"},
        "a dead one's of an earlier version": {"seqprobe.host": mine["seqprobe.host"], "seqprobe.pid": str(dead.pid)},
        "nobody's": {},
    }
    runs = {name: client.create_run(experiment, tags=own).info.run_id for name, own in tags.items()}
    over = client.create_run(experiment, tags=tags["a dead one's"]).info.run_id
    client.set_terminated(over, "FINISHED")
    assert store.close_dead_runs() == 4
    statuses = {name: client.get_run(run).info.status for name, run in runs.items()}
    assert [name for name, status in statuses.items() if status == "KILLED"] == [
        "a dead one's",
        "an earlier one's with a number that is used again",
        "one's before the machine was restarted",
        "a dead one's of an earlier version",
    ]
    assert set(statuses.values()) == {"KILLED", "RUNNING"}
    assert client.get_run(over).info.status == "FINISHED"
    assert store.close_dead_runs() == 0


def test_artifacts_are_found_after_the_folder_was_moved_or_copied(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = EmbeddedStore(str(tmp_path / "first"))
    client = first.client()
    runs = []
    for name in ("one", "two's"):
        runs.append(client.create_run(first.experiment_id(name)).info.run_id)
        client.log_text(runs[-1], name, "folder/said.txt")
    shutil.copytree(tmp_path / "first", tmp_path / "copy")
    (tmp_path / "first").rename(tmp_path / "moved to")
    for folder in ("copy", "moved to"):
        store = EmbeddedStore(str(tmp_path / folder))
        assert [store.artifact(run, "folder/said.txt") for run in runs] == [b"one", b"two's"]
        for run in runs:
            assert store.client().get_run(run).info.artifact_uri.startswith(str(tmp_path / folder / "artifacts"))
        late = store.client().create_run(store.experiment_id("one")).info
        assert late.artifact_uri.startswith(str(tmp_path / folder / "artifacts" / "one"))
    assert caplog.messages == [
        f"The store was moved or copied from {tmp_path}/first to {tmp_path}/{folder}: updated the addresses of the "
        "artifacts of 2 experiments."
        for folder in ("copy", "moved to")
    ]


def test_addresses_elsewhere_stay(tmp_path: Path) -> None:
    store = EmbeddedStore(str(tmp_path / "store"))
    elsewhere = str(tmp_path / "bucket" / "artifacts" / "e")
    experiment = store.client().create_experiment("e", elsewhere)
    run = store.client().create_run(experiment).info
    again = EmbeddedStore(str(tmp_path / "store"))
    assert again.client().get_run(run.run_id).info.artifact_uri == run.artifact_uri
    assert run.artifact_uri.startswith(elsewhere)


def test_an_artifact_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("in the way")
    with pytest.raises(InvalidValue, match="must have a writable folder artifacts/"):
        EmbeddedStore(str(tmp_path)).check()
    assert [path.name for path in tmp_path.iterdir()] == ["artifacts"]


def test_what_a_server_says_about_itself_is_no_absence() -> None:
    store = ServerStore("http://127.0.0.1:9")
    assert store.is_unavailable(MlflowException("API request failed with exception: refused"))
    assert store.is_unavailable(requests.ConnectionError("refused"))
    assert not store.is_unavailable(MlflowException("no such run", error_code=RESOURCE_DOES_NOT_EXIST))
    assert not store.is_unavailable(ValueError("a bug"))
    for status, expected in ((401, True), (403, True), (413, False), (429, True), (500, True), (503, True)):
        response = requests.Response()
        response.status_code = status
        assert store.is_unavailable(requests.HTTPError(response=response)) is expected
    assert not EmbeddedStore("x").is_unavailable(requests.ConnectionError("refused"))


def test_an_absence_is_described_with_what_ends_it() -> None:
    store = ServerStore("http://127.0.0.1:9")
    described = {
        status: store.describe_absence(MlflowException("no", error_code=get_error_code(status)))
        for status in (401, 403, 429, 503)
    }
    login = "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, as it requires"
    assert described == {
        401: f"refuses access (401): {login}",
        403: f"refuses access (403): {login}",
        429: "asks for fewer requests (429)",
        503: "does not respond",
    }
    assert store.describe_absence(requests.ConnectionError("refused")) == "does not respond"
    retried = MlflowException("failed with exception (Caused by ResponseError('too many 429 error responses'))")
    assert store.describe_absence(retried) == "asks for fewer requests (429)"


def test_a_folder_is_writable_when_a_file_can_be_made(tmp_path: Path) -> None:
    assert writable(tmp_path)
    assert not writable(Path("/proc"))
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_was_never_finished_is_made_again(tmp_path: Path, migrated_database: None) -> None:
    for name in (".mlflow.db.partial", ".mlflow.db.partial-wal"):
        (tmp_path / name).write_bytes(b"cut off")
    store = EmbeddedStore(str(tmp_path))
    store.check()
    assert [experiment.name for experiment in store.client().search_experiments()] == ["Default"]
    assert [path.name for path in tmp_path.glob(".mlflow*")] == []
    with closing(sqlite3.connect(store.database)) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_an_experiment_has_its_folder_from_the_start(tmp_path: Path) -> None:
    EmbeddedStore(str(tmp_path / "one")).experiment_id("sine")
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    copy = EmbeddedStore(str(tmp_path / "copy"))
    run = copy.client().create_run(copy.experiment_id("sine")).info
    assert run.artifact_uri.startswith(str(tmp_path / "copy" / "artifacts" / "sine"))


@pytest.mark.parametrize("name", ["a#b", "hügel 日本", "a'b\"c;[d]*&"])
def test_a_folder_may_have_any_letters(name: str, tmp_path: Path, migrated_database: None) -> None:
    store = EmbeddedStore(str(tmp_path / name))
    run = store.client().create_run(store.experiment_id("sine")).info.run_id
    store.client().log_text(run, "hello", "texts/a.txt")
    again = EmbeddedStore(str(tmp_path / name))
    again.check()
    assert again.artifact(run, "texts/a.txt") == b"hello"
    assert [stored.run_id for stored in again.search(RunFilter())] == [run]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_path_may_be_as_long_as_sqlite_takes(tmp_path: Path, migrated_database: None) -> None:
    parts = (LONGEST_FOLDER - len(str(tmp_path))) // 2
    folder = tmp_path / ("x" * (parts - 1)) / ("y" * (parts - 1))
    store = EmbeddedStore(str(folder))
    store.client().create_run(store.experiment_id("sine"))
    with pytest.raises(InvalidValue, match="is too long: SQLite takes at most 470 bytes"):
        EmbeddedStore(f"{folder}/{'z' * 200}")


@pytest.mark.parametrize("name", ["a%41b", "%", "what?", "a?mode=ro"])
def test_a_folder_that_an_address_cannot_state_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"must be a path without % and \?"):
        EmbeddedStore(str(tmp_path / name))


def test_the_home_folder_is_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert EmbeddedStore("~/runs").folder == tmp_path / "runs"
    assert work_folder({"tracking": {"dir": "~/runs"}}) == tmp_path / "runs" / "work"


def test_an_experiment_that_is_there_is_found_without_mlflow(
    tmp_path: Path, migrated_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddedStore(str(tmp_path))
    made = store.experiment_id("sine", "Sines.")
    store.client().delete_experiment(deleted := store.experiment_id("line"))
    monkeypatch.setattr(EmbeddedStore, "client", lambda self: pytest.fail("MLflow is loaded"))
    assert store.experiment_id("sine", "Another note") == made
    assert store.tags_of_experiment(made)["mlflow.note.content"] == "Sines."
    monkeypatch.undo()
    with pytest.raises(InvalidValue, match=f"experiments restore --experiment-id {deleted}"):
        store.experiment_id("line")


def test_an_experiment_without_a_view_gets_one(tmp_path: Path, migrated_database: None) -> None:
    store = EmbeddedStore(str(tmp_path))
    made = store.experiment_id("sine")
    assert store.experiment_id("sine", "Sines.", {"view": "state"}) == made
    tags = store.tags_of_experiment(made)
    assert (tags["mlflow.note.content"], tags["view"]) == ("Sines.", "state")
    assert dict(store.client().get_experiment(made).tags) == tags


def test_an_experiment_that_another_process_has_just_made_is_taken(
    tmp_path: Path, migrated_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddedStore(str(tmp_path))
    made = store.experiment_id("a")
    monkeypatch.setattr(EmbeddedStore, "_experiment_named", lambda self, name: None)  # it was not there a moment ago
    monkeypatch.setattr(EmbeddedStore, "_create_experiment", Store._create_experiment)
    assert store.experiment_id("a") == made
    store.client().delete_experiment(made)
    with pytest.raises(InvalidValue, match="this experiment was deleted in MLflow"):
        store.experiment_id("a")


def test_two_processes_may_describe_an_experiment_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is faster after this one has read the tags; the database refuses the second row."""
    store = EmbeddedStore(str(tmp_path))
    experiment, set_tag = store.experiment_id("sine"), MlflowClient.set_experiment_tag

    def refused(client: MlflowClient, experiment_id: str, key: str, value: str) -> None:
        if value == "What it is.":
            set_tag(client, experiment_id, key, "What the other one says.")
        raise MlflowException(f"UNIQUE constraint failed: {key}")

    monkeypatch.setattr(MlflowClient, "set_experiment_tag", refused)
    assert store.experiment_id("sine", "What it is.") == experiment
    assert store.tags_of_experiment(experiment)["mlflow.note.content"] == "What the other one says."
    with pytest.raises(MlflowException, match="UNIQUE"):
        store.experiment_id("sine", "What it is.", {"another": "which nobody adds"})
