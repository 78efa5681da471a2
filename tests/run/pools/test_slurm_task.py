"""What a Slurm job reports: all that its processes do, only once, and nothing of those that Slurm ends."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from seqprobe.config.compose import Composition
from seqprobe.interrupts import handle_signal
from seqprobe.run.pools import slurm_task
from seqprobe.run.pools.job_pool import Message
from seqprobe.run.pools.message_file import MessageFile
from seqprobe.run.pools.remote_place import RemotePlace
from seqprobe.run.pools.slurm_task import SlurmTask

JOBS = {name: Composition({"name": name}) for name in "abc"}


class Processes:
    """A pool whose jobs fail one after the other; Slurm ends it while the second one does."""

    started: Sequence[str] = ()
    ended = 0

    def __init__(self, at_a_time: int) -> None:
        self.waiting: list[str] = []

    def start(self, jobs: Mapping[str, Composition]) -> None:
        self.waiting = list(jobs)
        type(self).started = list(jobs)

    def wait(self) -> Sequence[Message]:
        return [Message(self.waiting.pop(0), "failed", ["its process ended with exit code -15"])]

    def end(self, interrupted: bool) -> str:
        type(self).ended += 1
        return ""


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SlurmTask:
    for name in ("started", "ended"):
        monkeypatch.setattr(Processes, name, getattr(Processes, name))
    monkeypatch.setattr(slurm_task, "ProcessPool", Processes)
    monkeypatch.setattr(slurm_task, "start_fork_server", lambda: None)
    monkeypatch.setattr(slurm_task, "SIGNAL_SECONDS", 0.0)
    monkeypatch.setattr(slurm_task, "job_states", lambda jobs: dict.fromkeys(jobs, "COMPLETING"))
    monkeypatch.setattr(slurm_task, "call_slurm", lambda command: pytest.fail("this job is not to be requeued"))
    for name, value in (("JOB_ID", "7"), ("ARRAY_JOB_ID", "7"), ("ARRAY_TASK_ID", "3")):
        monkeypatch.setenv(f"SLURM_{name}", value)
    monkeypatch.chdir(tmp_path)
    place = RemotePlace.of_command(Composition({"tracking": {"uri": "http://there", "dir": str(tmp_path)}}))
    return SlurmTask(JOBS, 2, tmp_path / "messages", place)


def reported(task: SlurmTask) -> list[tuple[str, str]]:
    return [(message.job, message.kind) for message in MessageFile(task.messages).read_new()]


def test_a_requeued_job_runs_what_it_has_not_reported(task: SlurmTask, monkeypatch: pytest.MonkeyPatch) -> None:
    MessageFile(task.messages).append(Message("a", "failed", ["no"]))
    MessageFile(task.messages).append(Message("b", "progress", [1, 2, ""]))
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    task()
    assert Processes.started == ["b", "c"]
    assert reported(task)[2:] == [("b", "notice"), ("b", "failed"), ("c", "failed")]
    assert Processes.ended == 1


@pytest.fixture
def terminated(task: SlurmTask, monkeypatch: pytest.MonkeyPatch) -> SlurmTask:
    """A task that is sent SIGTERM after its first result."""

    def end_the_job(seconds: float) -> None:
        if len(reported(task)) == 1:
            assert signal.getsignal(signal.SIGTERM) is handle_signal
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(slurm_task.time, "sleep", end_the_job)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return task


def test_a_process_that_slurm_ends_with_the_job_has_not_failed(terminated: SlurmTask) -> None:
    with pytest.raises(SystemExit) as end:
        terminated()
    assert end.value.code == 128 + signal.SIGTERM
    assert reported(terminated) == [("a", "failed")]
    assert Processes.ended == 1


def test_a_job_whose_preemption_begins_requeues_itself(terminated: SlurmTask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slurm says that it runs, until the partition's GraceTime is over."""
    called: list[Sequence[str]] = []
    monkeypatch.setattr(slurm_task, "job_states", lambda jobs: dict.fromkeys(jobs, "RUNNING"))
    monkeypatch.setattr(slurm_task, "call_slurm", called.append)
    with pytest.raises(SystemExit):
        terminated()
    assert called == [["scontrol", "requeue", "7_3"]]
    assert Processes.ended == 1


def test_a_machine_that_does_not_see_the_folder_fails_all_of_its_requests(task: SlurmTask, tmp_path: Path) -> None:
    place = RemotePlace(tmp_path / "gone", None, None, "", task.place.version)
    SlurmTask(JOBS, 1, task.messages, place)()
    messages = MessageFile(task.messages).read_new()
    assert [(message.job, message.kind) for message in messages] == [(name, "failed") for name in "abc"]
    assert "does not see this working directory" in messages[0].content[0]
    assert Processes.ended == 0
