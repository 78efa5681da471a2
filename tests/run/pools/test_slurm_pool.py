"""Slurm jobs as the command sees them, with a queue that is scripted and files that are written by hand."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.outcome import Outcome
from seqprobe.run.pools import slurm_pool, slurm_queue
from seqprobe.run.pools.job_pool import Message
from seqprobe.run.pools.message_file import MessageFile
from seqprobe.run.pools.slurm_jobs import SubmittedJob
from seqprobe.run.pools.slurm_pool import SlurmPool
from seqprobe.run.pools.slurm_queue import UNKNOWN, has_ended, job_states
from seqprobe.run.pools.slurm_settings import SlurmSettings
from seqprobe.run.pools.slurm_submission import parts, sbatch_parameters


class Cluster:
    """What Slurm would do: it takes jobs, has states, and cancels.

    Attributes:
        states: of jobs by id; all are asked for at every wait.
        submitted: the names of the requests of every submission.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.states: dict[str, str] = {}
        self.submitted: list[list[str]] = []
        self.cancelled: list[str] = []
        monkeypatch.setattr(slurm_pool, "submit", self.submit)
        monkeypatch.setattr(slurm_pool, "cancel_jobs", self.cancel)
        for module in ("slurm_pool", "slurm_jobs"):
            monkeypatch.setattr(f"seqprobe.run.pools.{module}.job_states", self.job_states)
        monkeypatch.setattr(slurm_pool, "POLL_SECONDS", 0.0)
        monkeypatch.setattr(slurm_pool, "QUEUE_SECONDS", -1.0)

    def submit(self, pool: SlurmPool, jobs: Mapping[str, Composition], folder: Path) -> Iterable[SubmittedJob]:
        self.submitted.append(list(jobs))
        for index, names in enumerate(parts(list(jobs), pool.requests_per_job)):
            slurm_id = f"{6 + len(self.submitted)}_{index}"
            self.states[slurm_id] = "RUNNING"
            yield SubmittedJob(slurm_id, folder / "jobs", self.file(slurm_id), set(names), list(names))

    def file(self, slurm_id: str) -> MessageFile:
        return MessageFile(self.folder / slurm_id)

    def job_states(self, jobs: Iterable[str]) -> dict[str, str]:
        return {job: self.states.get(job, UNKNOWN) for job in jobs}

    def cancel(self, jobs: list[str]) -> None:
        self.cancelled += jobs
        self.states.update(dict.fromkeys(jobs, "CANCELLED"))


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    return Cluster(tmp_path, monkeypatch)


def jobs(folder: Path, *names: str) -> dict[str, Composition]:
    return {name: Composition({"tracking": {"dir": str(folder)}}) for name in names}


OUTCOME = Outcome(float("inf"), "all diverged", probed=["a line"], run_id="r")


def test_what_jobs_report_arrives_in_order_and_a_job_that_ends_without_results_fails(
    cluster: Cluster, tmp_path: Path
) -> None:
    pool = SlurmPool(requests_per_job=2)
    pool.start(jobs(tmp_path, "a", "b", "c"))
    assert cluster.submitted == [["a", "b", "c"]]
    reported = [Message("a", "started", []), Message("a", "progress", [1, 2, "x"]), Message("a", "done", [OUTCOME])]
    for message in reported:
        cluster.file("7_0").append(message)
    with (tmp_path / "7_0").open("ab") as file:
        file.write(b'["b", "notice", ["half')
    assert pool.wait() == reported
    with (tmp_path / "7_0").open("ab") as file:
        file.write(b' a line"]]\n')
    cluster.states["7_0"] = "CANCELLED"
    assert pool.wait() == [Message("b", "notice", ["half a line"])]  # it might be requeued
    (failed,) = pool.wait()
    assert (failed.job, failed.kind) == ("b", "failed")
    assert failed.content == [f"Slurm job 7_0 ended without its result (CANCELLED); what it printed is in {tmp_path}"]
    assert [job.slurm_id for job in pool.submitted] == ["7_1"]
    assert sorted(path.stem for path in tmp_path.rglob("*.json")) == ["c"]


def test_a_requeued_job_is_waited_for(cluster: Cluster, tmp_path: Path) -> None:
    pool = SlurmPool()
    pool.start(jobs(tmp_path, "a"))
    for state in ("PREEMPTED", "PENDING", "PREEMPTED", "RUNNING", "COMPLETED"):
        cluster.states["7_0"] = state
        assert pool.wait() == []
    cluster.file("7_0").append(Message("a", "done", [OUTCOME]))
    assert pool.wait() == [Message("a", "done", [OUTCOME])]
    assert pool.wait() == []


def test_an_interrupt_cancels_or_leaves_jobs_and_the_same_command_finds_them(cluster: Cluster, tmp_path: Path) -> None:
    pool = SlurmPool(on_interrupt="detach")
    pool.start(jobs(tmp_path, "a", "b"))
    assert pool.end(interrupted=True) == "Slurm jobs go on: 7_0, 7_1; the same command shows them again"
    assert cluster.cancelled == []
    cluster.states["7_0"] = "FAILED"
    again = SlurmPool()
    again.start(jobs(tmp_path, "a", "b", "c"))
    assert cluster.submitted[1:] == [["a", "c"]]
    cluster.file("7_1").append(Message("b", "done", [OUTCOME]))
    assert again.wait() == [Message("b", "done", [OUTCOME])]
    assert again.end(interrupted=True) == ""
    assert cluster.cancelled == ["8_0", "8_1"]
    assert list(tmp_path.rglob("*.json")) == []


def test_an_error_of_the_command_cancels_its_jobs_too(cluster: Cluster, tmp_path: Path) -> None:
    pool = SlurmPool(on_interrupt="detach")
    pool.start(jobs(tmp_path, "a"))
    assert pool.end(interrupted=False) == ""
    assert cluster.cancelled == ["7_0"]


def test_while_slurm_does_not_answer_nothing_fails(cluster: Cluster, tmp_path: Path, monkeypatch: Any) -> None:
    def away(jobs: Iterable[str]) -> dict[str, str]:
        raise JobFailed("squeue: Unable to contact slurm controller")

    pool = SlurmPool()
    pool.start(jobs(tmp_path, "a"))
    monkeypatch.setattr(slurm_pool, "job_states", away)
    assert [pool.wait() for _ in range(5)] == [[]] * 5
    assert pool.end(interrupted=True) == "Slurm jobs may go on: squeue: Unable to contact slurm controller"


@pytest.mark.parametrize(
    ("output", "code", "expected"),
    [
        ("12_0|RUNNING\n12_1|PENDING\n13|COMPLETED\n", 0, {"12_1": "PENDING", "13": "COMPLETED", "14": UNKNOWN}),
        ("slurm_load_jobs error: Invalid job id specified", 1, {"12_1": UNKNOWN, "13": UNKNOWN, "14": UNKNOWN}),
    ],
)
def test_the_states_of_jobs(output: str, code: int, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        return subprocess.CompletedProcess(command, code, output, output)

    monkeypatch.setattr(slurm_queue.subprocess, "run", run)
    assert job_states(["12_1", "13", "14"]) == expected
    assert job_states([]) == {}
    (command,) = calls
    assert "--jobs=12,13,14" in command
    assert [has_ended(state) for state in expected.values()] == [state != "PENDING" for state in expected.values()]


def test_slurm_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JobFailed, match=r"^hydra/launcher=slurm: there is no sbatch here; call it on a login node$"):
        SlurmPool().start(jobs(tmp_path, "a"))


def test_settings_become_options_of_sbatch() -> None:
    settings = SlurmSettings(
        jobs=8, partition="gpu", minutes=90, memory_gib=1.5, cpus=2, gpus=1, options={"qos": "short"}, setup=["true"]
    )
    expected = {"partition": "gpu", "time": 90, "mem": "1536M", "cpus_per_task": 2, "gpus_per_node": 1}
    written = sbatch_parameters(settings)
    assert {key: written[key] for key in expected} == expected
    assert (written["array_parallelism"], written["setup"]) == (8, ["true"])
    assert written["additional_parameters"] == {"requeue": True, "qos": "short"}
    assert {"partition", "mem", "gpus_per_node", "array_parallelism"}.isdisjoint(sbatch_parameters(SlurmSettings()))
