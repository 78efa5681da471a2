"""On a disk that is full: one clear line, a database that is whole, and nothing lost once there is room."""

from __future__ import annotations

import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from chaos.content import content, differences
from scripts import ROOT

pytestmark = pytest.mark.slow
LIMITED = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
script, limit, *arguments = sys.argv[1:]
import seqprobe.tracking.preload, seqprobe.run.job
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
sys.argv = [script, *arguments]
runpy.run_path(script, run_name="__main__")
"""
"""Runs a script that cannot make files larger than so many bytes; the system refuses the rest as on a full disk."""
TRAINING = [
    "task=slope_intercept",
    "model=rnn",
    "seeds=2",
    "engine=stacked",
    "trainer.max_steps=1500",
    "trainer.log_every=1",
    "trainer.val_every=300",
    "trainer.checkpoint_seconds=0.5",
    "trainer.accelerator=cpu",
]


def train(folder: Path, limit: int = 0, *overrides: str) -> subprocess.CompletedProcess[str]:
    script = str(ROOT / "pipelines" / "train.py")
    command = [sys.executable, "-c", LIMITED, script, str(limit), *TRAINING, f"tracking.dir={folder}", *overrides]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def integrity(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        return str(connection.execute("pragma integrity_check").fetchone()[0])


def warm(folder: Path) -> None:
    """Make the database, which alone is larger than the limits."""
    assert train(folder, 0, "model=gru", "trainer.max_steps=1", "model.hidden_size=2").returncode == 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the training comes to on a disk with room."""
    folder = tmp_path_factory.mktemp("whole")
    warm(folder)
    done = train(folder)
    assert done.returncode == 0, done.stderr
    return content(folder)


@pytest.mark.xdist_group("full disk")
@pytest.mark.parametrize("limit", [1_200_000, 200_000], ids=["database", "journal"])
def test_nothing_is_lost(limit: int, whole: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    warm(tmp_path)
    done = train(tmp_path, limit)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("error: ")
    assert "Free some space and run the same command to resume" in last
    assert "Traceback" not in done.stderr
    assert integrity(tmp_path) == "ok"
    again = train(tmp_path)
    assert again.returncode == 0, again.stderr
    found = content(tmp_path)
    assert {run["status"] for run in found.values()} == {"FINISHED"}
    assert differences(found, whole) == []


def test_no_run_stays_open_on_a_disk_that_stays_full(tmp_path: Path) -> None:
    """On a file system of its own, which the training's records fill."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("this user cannot mount a file system")
    training = [f"{ROOT}/pipelines/train.py", *TRAINING, f"tracking.dir={tmp_path}/disk/store", "seeds=30"]
    rows = "select status from runs where name like 'rnn%'"
    shown = f"import sqlite3; print(*sqlite3.connect('{tmp_path}/disk/store/mlflow.db').execute(\"{rows}\"))"
    script = f"""
        mkdir {tmp_path}/disk && mount -t tmpfs -o size=8m tmpfs {tmp_path}/disk
        {shlex.join([sys.executable, *training, "model=gru", "trainer.max_steps=1", "seeds=1"])}
        {shlex.join([sys.executable, *training])}
        echo $?
        {shlex.join([sys.executable, "-c", shown])}
    """
    done = subprocess.run(["unshare", "-rm", "bash", "-c", script], capture_output=True, text=True, timeout=300)
    _, code, statuses = done.stdout.rstrip().rsplit("\n", 2)
    assert "Free some space and run the same command to resume" in done.stderr.splitlines()[-1]
    assert code == "1"
    assert statuses == " ".join(["('FAILED',)"] * 31)
