"""A sweep of 40 jobs on Ray and on Slurm, whose machines and jobs are killed in the middle, ends as on this machine."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from chaos.content import plain_name
from ray_cluster import ray_cluster
from scripts import started_script
from slurm_cluster import call, slurm_cluster
from waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("clusters")]
USERS_TASK = """
from PIL import Image

import seqprobe.evaluation.evaluate
import seqprobe.tracking.artifacts
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line


# To draw the figures would take longer than all else.
seqprobe.tracking.artifacts.rendered = lambda figure: Image.new("RGB", (4, 4), "white")
seqprobe.evaluation.evaluate.draw_outcome = lambda *outcome: None


class Slopes(NameParameters):
    def __init__(self):
        line = Line([0.1, 0.9], [0, 1])
        super().__init__("slopes", line, ["slope"], points=4, train_size=20, val_size=4, batch_size=2)
"""
JOBS = 40
RATES = [f"{rate / 1000:g}" for rate in range(1, JOBS // 2 + 1)]
SWEEP = ["task=slopes", "model=rnn,gru", f"optimizer.lr={','.join(RATES)}", "seeds=1", "engine=stacked"]
TINY = ["trainer.max_steps=40", "trainer.val_every=20", "model.hidden_size=3", "trainer.checkpoint_seconds=0.05"]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own folder, which the machines share."""
    folder = tmp_path_factory.mktemp("mine")
    (folder / "task").mkdir()
    (folder / "slopes.py").write_text(USERS_TASK)
    (folder / "task/slopes.yaml").write_text("# @package _global_\ntask: {_target_: slopes.Slopes}\n")
    return folder


def started_sweep(
    config: Path, store: Path, *options: str, **environment: str
) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    """The sweep as a process."""
    overrides = [*SWEEP, *TINY, f"tracking.dir={store}", *options]
    return started_script("sweep", "--config-dir", str(config), *overrides, environment=environment)


def query(store: Path, statement: str) -> list[tuple[str, ...]]:
    """Rows of a store's database; none while there is no such table."""
    if not (store / "mlflow.db").exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{store / 'mlflow.db'}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(statement).fetchall()
        except sqlite3.OperationalError:
            return []


POPULATIONS = """select status from runs join tags using (run_uuid)
where key = 'seqprobe.kind' and tags.value = 'population' order by runs.rowid"""
ARCHIVES = """select name, rate.value, archive.value from runs
join params rate on rate.run_uuid = runs.run_uuid and rate.key = 'lr'
join tags archive on archive.run_uuid = runs.run_uuid and archive.key = 'seqprobe.archive_sha256'
where status = 'FINISHED'"""


def finished(store: Path) -> int:
    """How many populations have finished."""
    return sum(status == "FINISHED" for (status,) in query(store, POPULATIONS))


def archives(store: Path) -> dict[tuple[str, str], str]:
    """The hash of the weights and histories of every trained member, by its model and learning rate."""
    rows = query(store, ARCHIVES)
    found = {(plain_name(name), rate): digest for name, rate, digest in rows}
    assert len(found) == len(rows) == JOBS
    return found


@pytest.fixture(scope="module")
def reference(config: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What processes of this machine compute."""
    store = tmp_path_factory.mktemp("reference") / "mlruns"
    with started_sweep(config, store) as process:
        _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return archives(store)


def statuses(store: Path) -> set[str]:
    return {status for (status,) in query(store, "select distinct status from runs")}


def test_a_ray_worker_dies_and_its_jobs_run_on_the_other_one(
    config: Path, reference: dict[tuple[str, str], str], tmp_path: Path
) -> None:
    store = tmp_path / "mlruns"
    with ray_cluster(workers=2) as (cluster, workers):
        with started_sweep(config, store, "hydra/launcher=ray", **cluster.environment) as process:
            wait_until(lambda: process.poll() is not None or finished(store) >= 6, "six are trained", 300)
            # The command attaches to any of these nodes, for all are on its machine, and ends with that one.
            cluster.kill(next(worker for worker in workers if not cluster.runs(worker, "Dispatcher")))
            output, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
        assert f"{JOBS} trained" in output
        assert archives(store) == reference
        assert statuses(store) == {"FINISHED"}


def running_array_jobs(environment: dict[str, str]) -> Sequence[str]:
    """The Slurm jobs that run now."""
    return call(environment, "squeue", "--noheader", "--array", "--states=running", "--format=%i").split()


def test_slurm_jobs_are_cancelled_preempted_and_out_of_time(
    config: Path, reference: dict[tuple[str, str], str], tmp_path: Path
) -> None:
    """SIGUSR2 is what Slurm sends shortly before a job's time limit."""
    pytest.importorskip("submitit", reason="submitit is not installed: make setup-slurm")
    store = tmp_path / "mlruns"
    options = ["hydra/launcher=slurm", f"hydra.launcher.requests_per_job={JOBS // 2}"]
    options += ["hydra.launcher.partition=test"]
    with slurm_cluster(tmp_path / "slurm", cpus=2) as environment:
        with started_sweep(config, store, *options, **environment) as process:
            wait_until(lambda: process.poll() is not None or finished(store) >= 4, "four are trained", 300)
            cancelled, preempted = running_array_jobs(environment)
            call(environment, "scancel", cancelled)
            call(
                environment, "sbatch", "--partition=urgent", "--exclusive", f"--output={tmp_path}/urgent", "--wrap=date"
            )
            _, errors = process.communicate(timeout=200)
        assert process.returncode == 1, errors
        assert f"Slurm job {cancelled} ended without its result (CANCELLED)" in errors
        assert "its Slurm job was requeued (restart 1) and goes on" in errors
        assert f"Slurm job {preempted} ended" not in errors
        assert (tmp_path / "urgent").read_text()
        assert "RUNNING" not in statuses(store)
        trained = finished(store)
        with started_sweep(config, store, *options, **environment) as again:
            wait_until(lambda: again.poll() is not None or finished(store) >= trained + 2, "two more", 300)
            call(environment, "scancel", "--signal=USR2", *running_array_jobs(environment))
            _, errors = again.communicate(timeout=200)
        assert again.returncode == 0, errors
        assert "its Slurm job was requeued (restart 1) and goes on" in errors
        assert archives(store) == reference
