"""Stores say how they are opened, and close what a dead process left behind."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from scripts import ROOT

from seqprobe.tracking.store import EmbeddedStore, ServerStore, writable


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (EmbeddedStore(str(ROOT / "mlruns")), "make ui"),
        (ServerStore("http://127.0.0.1:5077"), "http://127.0.0.1:5077"),
    ],
)
def test_how_it_is_opened(store: EmbeddedStore | ServerStore, expected: str) -> None:
    assert store.opening() == expected


def test_another_folder_is_opened_by_its_own_command(tmp_path: Path) -> None:
    opening = EmbeddedStore(str(tmp_path)).opening()
    assert opening.endswith(
        f"mlflow ui --host 127.0.0.1 --workers 1 --backend-store-uri sqlite:///{tmp_path}/mlflow.db"
    )
    assert Path(opening.split()[0]).exists()


def test_runs_of_a_dead_process_are_closed_and_no_others(tmp_path: Path) -> None:
    store = EmbeddedStore(str(tmp_path))
    experiment, client = store.experiment_id("e"), store.client()
    here = {"seqprobe.host": socket.gethostname()}
    tags = {
        "its": {**here, "seqprobe.pid": "7"},
        "another's": {**here, "seqprobe.pid": str(os.getpid())},
        "elsewhere": {"seqprobe.host": "other", "seqprobe.pid": "7"},
    }
    runs = {name: client.create_run(experiment, tags=own).info.run_id for name, own in tags.items()}
    store.end_runs_of(7)
    statuses = {name: client.get_run(run).info.status for name, run in runs.items()}
    assert statuses == {"its": "KILLED", "another's": "RUNNING", "elsewhere": "RUNNING"}


def test_a_folder_is_writable_when_a_file_can_be_made(tmp_path: Path) -> None:
    assert writable(tmp_path)
    assert not writable(Path("/proc"))
    assert list(tmp_path.iterdir()) == []
