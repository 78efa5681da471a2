"""A user's folder works to the end: their own store in a sweep, their own preset in a multirun."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from chaos.content import plain_name
from scripts import ROOT

pytestmark = pytest.mark.slow  # every test runs commands in processes of their own
STORE = """# My own store.
_target_: my_store.MyStore
dir: {folder}
"""
MODULE = """
from seqprobe.tracking.stores.embedded import EmbeddedStore

class MyStore(EmbeddedStore):
    pass
"""
PRESET = """# @package _global_
# My own preset.
defaults:
  - override /task: slope_intercept
  - override /model: rnn

trainer:
  max_steps: 5
model:
  hidden_size: 3
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A --config-dir with a store and a preset."""
    folder = tmp_path / "mine"
    for path, text in (
        ("tracking/mine.yaml", STORE.format(folder=tmp_path / "store")),
        ("experiment/mine.yaml", PRESET),
        ("my_store.py", MODULE),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def output_of(script: str, *arguments: str) -> str:
    """What a command prints in a process of its own, as it has one outside tests."""
    command = [sys.executable, str(ROOT / "pipelines" / f"{script}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def runs(folder: Path) -> list[tuple[str, str]]:
    """Names and statuses of the populations in a store."""
    query = """select name, status from runs join tags using (run_uuid)
               where key = 'seqprobe.kind' and tags.value = 'population' order by runs.rowid"""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        return [(plain_name(name), status) for name, status in connection.execute(query).fetchall()]


def test_a_sweep_into_a_store_of_ones_own(mine: Path, tmp_path: Path) -> None:
    choices = ["task=slope_intercept", "model=rnn", "trainer.max_steps=5", "seeds=2"]
    assert "1 trained" in output_of("sweep", "--config-dir", str(mine), "tracking=mine", *choices)
    assert (tmp_path / "store" / "comparison" / "comparison.html").exists()
    assert runs(tmp_path / "store") == [("rnn · 2 seeds", "FINISHED")]
    delivered = f"Everything is delivered to sqlite:///{tmp_path}/store/mlflow.db\n"
    assert output_of("deliver", "tracking=mine", f"--config-dir={mine}") == delivered


def test_a_multirun_of_ones_own_preset(mine: Path, tmp_path: Path) -> None:
    overrides = ["experiment=mine", "model.hidden_size=2,3", "seeds=1", f"tracking.dir={tmp_path}/store"]
    printed = output_of("train", "-m", "--config-dir", str(mine), *overrides)
    assert "over model.hidden_size: val/rmse, median [interval] over seeds" in printed
    page = tmp_path / "store" / "comparison" / "comparison.html"
    assert printed.splitlines()[-1] == page.as_uri()
    (sweep,) = re.findall(r"What changes after sweep ([\d-]+):", printed)
    later = output_of("compare", "--config-dir", str(mine), f"tracking.dir={tmp_path}/store", f"against={sweep}")
    assert "2 unchanged" in later
    assert f"python pipelines/train.py -m --config-dir {mine} experiment=mine" in page.read_text()
    assert runs(tmp_path / "store") == [("rnn · mine · 1 seed", "FINISHED")] * 2
