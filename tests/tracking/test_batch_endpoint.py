"""What a server of seqprobe writes, called without a server around it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from mlflow.server import handlers
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from seqprobe.scoring import Tag
from seqprobe.tracking.batch_endpoint import create_runs, write_archive
from seqprobe.tracking.journal.batch_delivery import ENTRIES, to_archive
from seqprobe.tracking.journal.entries import end, files, metrics, params, removal, tags
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.metric_rows import Value


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedStore:
    """A store behind the server's requests."""
    store = EmbeddedStore(str(tmp_path / "store"))
    store.client()
    monkeypatch.setattr(handlers, "_tracking_store", SqlAlchemyStore(store.uri, str(store.artifacts)))
    return store


def test_runs_are_opened_together_and_filled_as_by_mlflow(store: EmbeddedStore, tmp_path: Path) -> None:
    experiment, journal = store.experiment_id("e"), Journal(tmp_path / "journal")
    opened = [{"name": name, "tags": {Tag.ATTEMPT: "a"}, "started": 5 + i} for i, name in enumerate("pcd")]
    parent, child = create_runs(experiment, opened[:2], None)
    assert len(create_runs(experiment, opened[2:], parent)) == 1
    entries = [
        params([parent, child], {"hidden_size": 3}),
        metrics({child: [Value("val/loss", 0.5, 7, step) for step in range(1500)]}),
        files(child, journal.add_files({"model/MLmodel": b"m", "traceback.txt": b"t"})),
        tags(child, {"x": "1", "error": "e"}),
        removal(child, "traceback.txt"),
        tags(child, {"error": None}),
        end([child, parent], "FINISHED", 9),
    ]
    for _ in range(2):  # an answer may be lost, and the request be repeated
        write_archive(to_archive(entries, journal.files))
    runs = {run.run_id: run for run in store.search(RunFilter(tags={Tag.ATTEMPT: "a"}))}
    assert [(run.name, run.started, run.status, run.ended) for run in runs.values()] == [
        ("p", 5, "FINISHED", 9),
        ("c", 6, "FINISHED", 9),
        ("d", 7, "RUNNING", None),
    ]
    assert [run.tags.get(Tag.PARENT) for run in runs.values()] == [None, parent, parent]
    assert runs[child].params == runs[parent].params == {"hidden_size": "3"}
    assert (runs[child].tags["x"], "error" in runs[child].tags) == ("1", False)
    assert [value.step for value in store.metric_values(child)] == list(range(1500))
    assert (store.artifact(child, "model/MLmodel"), store.artifact(child, "traceback.txt")) == (b"m", None)


def test_an_archive_writes_nothing_outside_of_its_folder(store: EmbeddedStore, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(ENTRIES, "[]")
        archive.writestr("../../escaped", "x")
    write_archive(content.getvalue())
    assert list(tmp_path.parent.rglob("escaped")) == []
