"""What a recorder buffers arrives in the tables number for number, once, also after an interruption."""

from __future__ import annotations

import math
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from seqprobe.tracking.description import Description
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.stores.embedded import EmbeddedStore

LARGEST = sys.float_info.max


def recorder_in(folder: Path) -> MLflowRecorder:
    """A recorder of two members, whose journal survives an interruption."""
    description = Description("e", "rnn", (0, 4), {})
    return MLflowRecorder(EmbeddedStore(str(folder / "store")), description, Journal(folder / "journal"))


def stored(folder: Path, run: str) -> list[tuple[str, int, str, int]]:
    """Metric, step, number as text and the flag for NaN of every row of a run."""
    rows = "select key, step, value, is_nan from metrics where run_uuid = ? order by key, step"
    with closing(sqlite3.connect(folder / "store" / "mlflow.db")) as connection:
        return [(key, step, repr(value), nan) for key, step, value, nan in connection.execute(rows, (run,))]


def test_numbers_are_stored_as_they_are(tmp_path: Path) -> None:
    # SQLite keeps no sign of a zero.
    with recorder_in(tmp_path) as recorder:
        recorder.record_metrics(6, {"train/loss": np.array([0.1 + 0.2, -0.0])})
        recorder.record_metrics(12, {"train/loss": np.array([np.inf, np.nan]), "val/loss": np.array([-np.inf, 3.0])})
        recorder.record_metrics(18, {"train/loss": np.array([0.1, 1.0], dtype=np.float32)})
    single = float(np.float32(0.1))
    parent, *members = (stored(tmp_path, run) for run in (recorder.parent, *recorder.children))
    assert parent == [
        ("train/loss", 6, repr((0.1 + 0.2) / 2), 0),
        ("train/loss", 12, "0.0", 1),
        ("train/loss", 18, repr(float(np.median(np.array([0.1, 1.0], dtype=np.float32)))), 0),
        ("val/loss", 12, "3.0", 0),
    ]
    assert members == [
        [
            ("train/loss", 6, repr(0.1 + 0.2), 0),
            ("train/loss", 12, repr(LARGEST), 0),
            ("train/loss", 18, repr(single), 0),
            ("val/loss", 12, repr(-LARGEST), 0),
        ],
        [
            ("train/loss", 6, "0.0", 0),
            ("train/loss", 12, "0.0", 1),
            ("train/loss", 18, "1.0", 0),
            ("val/loss", 12, "3.0", 0),
        ],
    ]


def test_a_resumed_training_adds_only_what_the_interrupted_one_lacks(tmp_path: Path) -> None:
    interrupted = recorder_in(tmp_path)
    with suppress(KeyboardInterrupt), interrupted:
        interrupted.record_metrics(6, {"val/loss": np.array([1.0, math.nan])})
        raise KeyboardInterrupt
    with recorder_in(tmp_path) as resumed:
        resumed.record_metrics(6, {"val/loss": np.array([7.0, 8.0]), "val/rmse": np.array([2.0, 4.0])})
        resumed.record_metrics(12, {"val/loss": np.array([0.5, 1.5])})
    assert (resumed.parent, resumed.children) == (interrupted.parent, interrupted.children)
    assert [stored(tmp_path, run) for run in (resumed.parent, *resumed.children)] == [
        [("val/loss", 6, "1.0", 0), ("val/loss", 12, "1.0", 0), ("val/rmse", 6, "3.0", 0)],
        [("val/loss", 6, "1.0", 0), ("val/loss", 12, "0.5", 0), ("val/rmse", 6, "2.0", 0)],
        [("val/loss", 6, "0.0", 1), ("val/loss", 12, "1.5", 0), ("val/rmse", 6, "4.0", 0)],
    ]


def test_a_number_for_each_member_is_required(tmp_path: Path) -> None:
    with recorder_in(tmp_path) as recorder, pytest.raises(ValueError, match="is longer than"):
        recorder.record_metrics(6, {"val/loss": np.array([1.0, 2.0, 3.0])})
