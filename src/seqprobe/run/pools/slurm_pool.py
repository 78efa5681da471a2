"""Jobs in a Slurm cluster, submitted by submitit; what they report is read from files in a shared folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.pools.job_pool import DETACH, Message
from seqprobe.run.pools.slurm_jobs import SubmittedJob, detached_jobs, forget_job, remember_job
from seqprobe.run.pools.slurm_queue import cancel_jobs, has_ended, job_states
from seqprobe.run.pools.slurm_settings import SlurmSettings
from seqprobe.run.pools.slurm_submission import submit
from seqprobe.run.workspace import work_folder

POLL_SECONDS, QUEUE_SECONDS = 0.5, 5.0
"""How often messages are read, and how often Slurm is asked for the states of jobs."""
SHOWN_JOBS = 5
"""So many jobs that go on are named."""
CANCEL_SECONDS = 90.0
"""How long cancelled jobs may take to close their runs; Slurm itself waits for 30 seconds by default (KillWait)."""


class SlurmPool(SlurmSettings):
    """Arrays of Slurm jobs."""

    is_remote = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.submitted: list[SubmittedJob] = []
        self.asked_at = float("-inf")

    def prepare(self, compositions: Sequence[Composition]) -> None:
        """Nothing: other machines import for themselves."""

    def start(self, jobs: Mapping[str, Composition]) -> None:
        if not jobs:
            return
        folder = work_folder(next(iter(jobs.values())).config) / "slurm"
        self.submitted = detached_jobs(folder / "jobs", jobs)
        attached = {name for job in self.submitted for name in job.waiting}
        waiting = {name: composition for name, composition in jobs.items() if name not in attached}
        for job in submit(self, waiting, folder):
            remember_job(job)
            self.submitted.append(job)

    def wait(self) -> Sequence[Message]:
        time.sleep(POLL_SECONDS)
        asks = time.monotonic() > self.asked_at + QUEUE_SECONDS
        if asks:
            self._ask_states()
        messages = [message for job in self.submitted for message in job.read_messages()]
        if asks:
            messages += [message for job in self.submitted if job.is_over for message in job.missing_results()]
        for job in [job for job in self.submitted if not job.waiting]:
            self.submitted.remove(job)
            forget_job(job)
        return messages

    def end(self, interrupted: bool) -> str:
        jobs = [job.slurm_id for job in self.submitted]
        if jobs and interrupted and self.on_interrupt == DETACH:
            named = ", ".join([*jobs[:SHOWN_JOBS], *(["…"] if len(jobs) > SHOWN_JOBS else [])])
            return f"Slurm jobs go on: {named}; the same command shows them again"
        try:
            cancel_jobs(jobs)
            deadline = time.monotonic() + CANCEL_SECONDS
            while time.monotonic() < deadline and not all(map(has_ended, job_states(jobs).values())):
                time.sleep(POLL_SECONDS)
        except JobFailed as problem:
            return f"Slurm jobs may go on: {problem}"
        for job in self.submitted:
            forget_job(job)
        return ""

    def _ask_states(self) -> None:
        """Let each job know its state; while Slurm does not answer, all stay as they are."""
        self.asked_at = time.monotonic()
        try:
            states = job_states(job.slurm_id for job in self.submitted)
        except JobFailed:
            return
        for job in self.submitted:
            job.note_state(states[job.slurm_id])
