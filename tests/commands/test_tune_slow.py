"""Tuning as a user runs it: killed in the middle, it goes on, and finds the learning rate that a task needs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands.test_sweep import statuses
from scripts import ROOT
from waiting import wait_until

from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.run_frames import records
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = pytest.mark.slow
SPACE = "space={optimizer.lr: [1e-6, 0.1, log]}"
CHOICES = ["task=amplitude", "model=rnn", "trainer.max_steps=120", "trials=6", "batch=3", "seeds=2", "retrain=6", SPACE]


def command(folder: Path) -> list[str]:
    return [sys.executable, str(ROOT / "pipelines/tune.py"), *CHOICES, f"tracking.dir={folder}"]


def is_in_second_batch(found: Sequence[str]) -> bool:
    """Whether more runs have finished than the first batch has, and others have not."""
    return found.count("FINISHED") > 11 and "RUNNING" in found


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store in which a tuning was killed in its second batch and went on, and what it printed then."""
    folder = tmp_path_factory.mktemp("tuned") / "store"
    with subprocess.Popen(
        command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as killed:
        try:
            wait_until(lambda: is_in_second_batch(statuses(folder)), "trials of the second batch", 300)
        finally:
            os.killpg(killed.pid, signal.SIGKILL)
    done = subprocess.run(command(folder), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_what_was_killed_goes_on_and_repeats_nothing(tuned: tuple[Path, str]) -> None:
    folder, _ = tuned
    store = EmbeddedStore(str(folder))
    populations = store.search(RunFilter("population"))
    assert {run.status for run in populations} == {"FINISHED"}
    trials = [(run.tags[Tag.TRIAL], run.params["max_steps"]) for run in populations if Tag.TRIAL in run.tags]
    assert len(trials) == len(set(trials)) == 2 * (3 + 1 + 1)
    (final,) = records(store, "population")
    assert (final.params["seeds"], final.tags[Tag.TUNED]) == ("2,3,4,5,6,7", "6 trials")


def test_the_learning_rate_is_where_the_task_needs_it(tuned: tuple[Path, str]) -> None:
    rate = float(re.findall(r"optimizer\.lr=(\S+)", tuned[1])[-1])
    assert 1e-3 <= rate <= 0.1  # below, 120 updates of Adam move no weight by more than 0.1
    assert "6 trials" in tuned[1]


def test_the_same_command_trains_nothing(tuned: tuple[Path, str]) -> None:
    folder, before = tuned
    runs = statuses(folder)
    done = subprocess.run(command(folder), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert statuses(folder) == runs
    tables = [
        [line.split() for line in text.splitlines() if "optimizer.lr=" in line][-1] for text in (before, done.stdout)
    ]
    assert tables[0] == tables[1]
