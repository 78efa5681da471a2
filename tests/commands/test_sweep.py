"""Sweeps and interrupted runs as processes of their own, judged by what the store holds afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from scripts import ROOT, script_command, started_script
from waiting import wait_until

from seqprobe.commands.sweep import list_runs
from seqprobe.run.request import compose
from seqprobe.tracking.stores.embedded import EmbeddedStore

FAILING_TASK = """
import torch

from seqprobe.batch import Batch
from seqprobe.tasks import Task

class Failing(Task):
    def __init__(self):
        super().__init__("failing", 1, ("y",), "seq2seq", "mse", 5, 100, 1, 1)

    def sample(self, n, generator):
        if n == 100:  # the training set; the few sequences that are checked before are as they should be
            raise RuntimeError("no data today")
        drawn = torch.rand(n, 5, 1, generator=generator)
        return Batch(drawn, drawn, torch.full((n,), 5))
"""
FAILED = r"FAILED  failing · rnn[^:\n]*: \S*failing.py, line \d+: RuntimeError: no data today"


TRAININGS = """select status from runs join tags using (run_uuid)
where key = 'seqprobe.kind' and tags.value in ('population', 'seed') order by runs.rowid"""


def query(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """The rows that a store's database has; none while there is no store."""
    if not (folder / "mlflow.db").exists():
        return []
    try:
        with contextlib.closing(sqlite3.connect(f"file:{folder / 'mlflow.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()
    except sqlite3.OperationalError:  # the tables are still being made
        return []


def statuses(folder: Path) -> list[str]:
    """The status of every training's run in the store."""
    return [status for (status,) in query(folder, TRAININGS)]


def runs_with_losses(folder: Path) -> int:
    """How many runs have a training loss in the store."""
    return len(query(folder, "select distinct run_uuid from metrics where key = 'train/loss'"))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "conf/task").mkdir(parents=True)
    (folder / "conf/failing.py").write_text(FAILING_TASK)
    (folder / "conf/task/failing.yaml").write_text("# @package _global_\ntask: {_target_: failing.Failing}\n")
    overrides = ["task=line_xy,failing,amplitude", "model=rnn", "trainer.max_steps=5", "engine=stacked"]
    arguments = [*overrides, f"tracking.dir={folder / 'mlruns'}", "seeds=2"]
    done = subprocess.run(
        script_command("sweep", "--config-dir", str(folder / "conf"), *arguments),
        capture_output=True,
        text=True,
        timeout=240,
        cwd=folder,
    )
    return folder / "mlruns", done


@pytest.mark.xdist_group("sweep")
def test_a_failed_job_takes_no_other_with_it(sweep: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = sweep
    assert done.returncode == 1
    assert sorted(statuses(folder)) == ["FAILED"] * 3 + ["FINISHED"] * 6
    assert re.search(FAILED, done.stderr)
    assert f"{ROOT / 'pipelines' / 'train.py'} --config-dir {folder.parent / 'conf'} task=failing" in done.stderr
    assert "error: 1 of 3 runs failed; run the same command again to repeat them" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.xdist_group("sweep")
def test_a_failed_run_keeps_its_traceback(sweep: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    client = EmbeddedStore(str(sweep[0])).client()
    experiment = client.get_experiment_by_name("failing")
    (parent,) = client.search_runs([experiment.experiment_id], "tags.`seqprobe.kind` = 'population'")
    assert parent.data.tags["seqprobe.error"] == "RuntimeError: no data today"
    text = Path(client.download_artifacts(parent.info.run_id, "traceback.txt")).read_text()
    assert text.rstrip().endswith("RuntimeError: no data today")


@pytest.mark.xdist_group("sweep")
def test_a_sweep_ends_with_every_finished_task(sweep: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = sweep
    for task in ("line_xy", "amplitude"):
        assert re.search(rf"^ *{task} +<?\d+★?( +[–×]| *<?\d+★?){{3}} *$", done.stdout, re.MULTILINE)
    assert (sweep[0] / "comparison/comparison.html").as_uri() in done.stdout.splitlines()
    assert "2 trained, 1 failed" in done.stdout
    assert re.search(FAILED, done.stdout)
    assert re.search(r"alone: .*pipelines/train.py --config-dir", done.stdout)
    assert "Open the UI: " in done.stdout


@pytest.mark.xdist_group("sweep")
def test_the_printed_command_runs_the_failed_job_alone(
    sweep: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, done = sweep
    store = Path(shutil.copytree(folder, tmp_path / "copy"))  # other tests look at the runs of the sweep
    (printed,) = re.findall(r"alone: (.*)", done.stderr)
    again = subprocess.run(
        printed.replace(str(folder), str(store)), shell=True, capture_output=True, text=True, cwd=folder.parent
    )
    assert (again.returncode, again.stdout) == (1, "")
    assert re.match(r"error: \S*failing.py, line \d+: RuntimeError: no data today", again.stderr.splitlines()[-1])
    assert sorted(statuses(store)) == sorted(statuses(folder))  # it has gone on in its runs


def test_the_command_of_every_part_of_a_sweep_is_one_of_a_training(tmp_path: Path) -> None:
    lists, _ = list_runs([f"tracking.dir={tmp_path}", "names.sweep=x"], None)
    for overrides in (lists[0], lists[-1]):
        request = compose(overrides)
        arguments = shlex.split(request.command)[2:]
        assert not any(argument.startswith(("sweep=", "names.sweep=")) for argument in arguments)
        assert compose(arguments).identity == request.identity


def wait_for_updates(process: subprocess.Popen[str], folder: Path, runs: int) -> None:
    """Wait until as many runs are under way and each has its first losses, or until the process ends."""

    def under_way() -> bool:
        return statuses(folder) == ["RUNNING"] * runs and runs_with_losses(folder) == runs

    wait_until(lambda: process.poll() is not None or under_way(), f"{runs} running runs have losses")


def interrupt(process: subprocess.Popen[str], sent: signal.Signals) -> str:
    """Send a signal to the whole session, and return standard error."""
    os.killpg(process.pid, sent)
    return process.communicate(timeout=90)[1]


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        (signal.SIGINT, {1, 130}),
        pytest.param(signal.SIGTERM, {143}, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, {129}, marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_run_ends_killed(tmp_path: Path, sent: signal.Signals, codes: set[int]) -> None:
    training = ["task=line_xy", "model=rnn", "seeds=2", "engine=stacked", "trainer.max_steps=200000"]
    with started_script("train", *training, f"tracking.dir={tmp_path}") as process:
        wait_for_updates(process, tmp_path, 3)
        errors = interrupt(process, sent)
    assert process.returncode in codes, errors
    assert "Interrupted. Run the same command to resume; finished runs are skipped." in errors
    assert statuses(tmp_path) == ["KILLED"] * 3
    assert "Traceback" not in errors


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_ends_a_sweep_and_its_runs(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    choices = ["task=line_xy,hill_y,hill_xy", "model=rnn", "seeds=1", "engine=stacked"]
    with started_script("sweep", *choices, "trainer.max_steps=200000", f"tracking.dir={tmp_path}") as process:
        wait_for_updates(process, tmp_path, 4)
        errors = interrupt(process, sent)
    assert process.returncode == code, errors
    assert "Interrupted. Run the same command to resume; finished runs are skipped." in errors
    assert statuses(tmp_path) == ["KILLED"] * 4  # two at a time; the third never began
    assert "Traceback" not in errors


@pytest.mark.slow
def test_a_killed_job_leaves_nothing_running_and_the_others_go_on(tmp_path: Path) -> None:
    choices = ["-m", "task=line_xy", "model=rnn,gru", "seeds=1", f"tracking.dir={tmp_path}"]
    with started_script("sweep", *choices, "trainer.max_steps=2000") as process:
        wait_until(
            lambda: process.poll() is not None or statuses(tmp_path) == ["RUNNING"] * 4, "two populations are running"
        )
        with sqlite3.connect(tmp_path / "mlflow.db") as connection:
            (pid,) = connection.execute("select value from tags where key = 'seqprobe.pid'").fetchone()
        os.kill(int(pid), signal.SIGKILL)
        output, errors = process.communicate(timeout=200)
    assert process.returncode == 1, errors
    assert sorted(statuses(tmp_path)) == ["FINISHED"] * 2 + ["KILLED"] * 2
    assert "its process ended with exit code -9" in errors
    assert re.search(r"FAILED  line_xy · (rnn|gru)[^:\n]*: its process ended with exit code -9\n +alone: ", output)


@pytest.mark.slow
def test_a_sweep_is_frozen_when_it_starts(tmp_path: Path) -> None:
    """Editing a YAML while it runs changes nothing in it, not even in the multirun that comes second."""
    group = tmp_path / "conf/optimizer"
    group.mkdir(parents=True)
    mine = group / "mine.yaml"
    mine.write_text("_target_: torch.optim.SGD\n_partial_: true\nlr: 0.125\n")
    places = ["--config-dir", str(tmp_path / "conf"), f"tracking.dir={tmp_path / 'mlruns'}"]
    choices = ["task=line_xy", "model=rnn,gru", "optimizer=mine", "seeds=1", "hydra.launcher.jobs=1"]
    with started_script("sweep", *places, *choices, "trainer.max_steps=300") as process:
        wait_until(lambda: process.poll() is not None or statuses(tmp_path / "mlruns"), "the first run")
        mine.write_text("_target_: torch.optim.SGD\n_partial_: true\nlr: nonsense\n")
        _, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors
    with sqlite3.connect(tmp_path / "mlruns/mlflow.db") as connection:
        found = connection.execute("select value from params where key = 'lr'").fetchall()
    assert found == [("0.125",)] * 4


@pytest.mark.slow
def test_what_a_killed_process_left_is_closed_by_the_next_command(tmp_path: Path) -> None:
    place = [f"tracking.dir={tmp_path}", "model=rnn", "seeds=2", "engine=stacked"]
    with started_script("train", "task=line_xy", "trainer.max_steps=200000", *place) as process:
        wait_for_updates(process, tmp_path, 3)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
    assert statuses(tmp_path) == ["RUNNING"] * 3
    done = subprocess.run(
        script_command("train", "task=hill_y", "trainer.max_steps=2", *place),
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "3 runs of dead processes are closed as KILLED; run the same commands again to resume them" in done.stderr
    assert statuses(tmp_path) == ["KILLED"] * 3 + ["FINISHED"] * 3
