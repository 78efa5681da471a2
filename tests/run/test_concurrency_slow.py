"""Many processes at one store: none crashes, and no metric is lost or doubled."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from chaos.content import plain_name, runs
from scripts import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("concurrency")]
PROBED = {f"probe/{name}/{band}/rmse" for name in ("lines", "lines_no_intercept", "map") for band in ("beyond", "far")}
TINY = ["trainer.val_every=10", "trainer.log_every=5", "model.hidden_size=3"]


def together(script: str, *calls: list[str]) -> list[tuple[str, str]]:
    """Start a command with each list of arguments at once, and wait for all; their outputs and errors."""
    command = [sys.executable, str(ROOT / "pipelines" / f"{script}.py")]
    started = [
        subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for arguments in calls
    ]
    said = [process.communicate(timeout=500) for process in started]
    assert [process.returncode for process in started] == [0] * len(calls), said
    return said


def test_eight_processes_at_a_cold_store_then_three_sweeps_at_a_warm_one(tmp_path: Path) -> None:
    place = [f"tracking.dir={tmp_path / 'store'}", *TINY]
    together(
        "train", *(["task=line_xy", "model=rnn", "trainer.max_steps=30", f"seeds=[{i}]", *place] for i in range(8))
    )
    assert_complete(tmp_path / "store", {f"rnn · seed {i}": 30 for i in range(8)})
    choices = ["task=line_xy", "model=rnn,gru", "trainer.max_steps=20"]
    together("sweep", *([*choices, f"seeds=[{10 + i}]", *place] for i in range(3)))
    sweeps = {f"{model} · seed {10 + i}": 20 for i in range(3) for model in ("rnn", "gru")}
    assert_complete(tmp_path / "store", {f"rnn · seed {i}": 30 for i in range(8)} | sweeps)


def assert_complete(folder: Path, wanted: dict[str, int]) -> None:
    """Every member has every one of its metrics at every step, once."""
    found = runs(folder)
    members = [run for run in found if "· seed " in run["name"]]
    assert sorted(run["name"] for run in members) == sorted(wanted)
    assert {run["status"] for run in found} == {"FINISHED"}
    for run in members:
        steps: dict[str, list[int]] = {}
        for name, step, *_ in run["metrics"]:
            steps.setdefault(name, []).append(step)
        last = wanted[run["name"]]
        assert steps["train/loss"] == list(range(5, last + 1, 5))
        assert steps["val/loss"] == steps["val/rmse"] == list(range(0, last + 1, 10))
        assert {name for name in steps if name.startswith("probe/")} == PROBED
        for name in PROBED:  # told at snapshots of the training too, here at every validation
            assert steps[name] == list(range(0, last + 1, 10)), name


TRAINED = """select name from runs where name like '%· seed %' and run_uuid not in
(select run_uuid from tags where key = 'seqprobe.taken_over_from') order by name"""


def test_a_cell_that_several_processes_ask_for_is_trained_once(tmp_path: Path) -> None:
    call = ["task=line_xy", "model=rnn", "trainer.max_steps=300", f"tracking.dir={tmp_path / 'store'}", *TINY]
    said = together("train", *([*call, f"seeds={seeds}"] for seeds in (2, 2, 3)))
    found = runs(tmp_path / "store")
    parents = sorted(run["name"] for run in found if run["tags"]["seqprobe.kind"] == "population")
    assert parents == ["rnn · 2 seeds", "rnn · 3 seeds"]
    with closing(sqlite3.connect(tmp_path / "store" / "mlflow.db")) as connection:
        trained = [plain_name(name) for (name,) in connection.execute(TRAINED).fetchall()]
    assert trained == ["rnn · seed 0", "rnn · seed 1", "rnn · seed 2"]  # no member was trained twice
    assert sum("finished before" in output for output, _ in said) == 1
