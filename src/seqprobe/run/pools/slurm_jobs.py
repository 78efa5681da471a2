"""Slurm jobs that this or an earlier command submitted, and which of their requests have no result yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqprobe.config.compose import Composition
from seqprobe.files import write_atomically
from seqprobe.run.pools.job_pool import Message
from seqprobe.run.pools.message_file import MessageFile
from seqprobe.run.pools.slurm_queue import has_ended, job_states

CONFIRMATIONS = 2
"""So often in turn a job has to be found ended: one that is requeued is for a moment, and files are seen late."""


@dataclass
class SubmittedJob:
    """A Slurm job.

    Attributes:
        slurm_id: ``12``, or of an array ``12_3``.
        folder: of the records of jobs, one for each request.
        file: in which it reports.
        waiting: names of the requests that have no result yet.
        names: of all its requests.
    """

    slurm_id: str
    folder: Path
    file: MessageFile
    waiting: set[str]
    names: Sequence[str] = ()
    state: str = ""
    found_ended: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it has ended for good, and what it reported is readable here."""
        return self.found_ended >= CONFIRMATIONS

    def note_state(self, state: str) -> None:
        """Note what Slurm says of it."""
        self.state = state
        self.found_ended = self.found_ended + 1 if has_ended(state) else 0

    def read_messages(self) -> Iterator[Message]:
        """What it has reported of requests that have no result yet."""
        for message in self.file.read_new():
            if message.job in self.waiting:
                if message.kind in ("done", "failed"):
                    self.waiting.discard(message.job)
                yield message

    def missing_results(self) -> Iterator[Message]:
        """Failures of what it should have reported."""
        for name in sorted(self.waiting):
            self.waiting.discard(name)
            text = f"Slurm job {self.slurm_id} ended without its result ({self.state})"
            yield Message(name, "failed", [f"{text}; what it printed is in {self.file.path.parent}"])


def remember_job(job: SubmittedJob) -> None:
    """Write a record for each of its requests, by which the same command finds the job again."""
    job.folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"slurm": job.slurm_id, "messages": str(job.file.path)}).encode()
    for name in job.names:
        write_atomically(job.folder / f"{name}.json", content)


def forget_job(job: SubmittedJob) -> None:
    """Delete its records."""
    for path in (job.folder / f"{name}.json" for name in job.names):
        if read_record(path).get("slurm") == job.slurm_id:
            path.unlink(missing_ok=True)


def detached_jobs(folder: Path, jobs: Mapping[str, Composition]) -> list[SubmittedJob]:
    """The Slurm jobs that an earlier command left, which still run requests with these names or wait to do so.

    Raises:
        JobFailed: Slurm does not answer.
    """
    left: dict[str, SubmittedJob] = {}
    for name in jobs:
        record = read_record(folder / f"{name}.json")
        if record:
            job = SubmittedJob(record["slurm"], folder, MessageFile(Path(record["messages"])), set())
            left.setdefault(job.slurm_id, job).waiting.add(name)
    for job in left.values():
        job.names = sorted(job.waiting)
    states = job_states(left)
    alive = [job for job in left.values() if not has_ended(states[job.slurm_id])]
    for job in alive:
        reported = MessageFile(job.file.path).read_new()
        job.waiting -= {message.job for message in reported if message.kind in ("done", "failed")}
    return [job for job in alive if job.waiting]


def read_record(path: Path) -> dict[str, str]:
    """The record of a request's Slurm job; empty if there is none."""
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) and {"slurm", "messages"} <= set(record) else {}
