"""What a Slurm job does: it runs a few requests in processes of its own, and reports in a file."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing.forkserver
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.interrupts import handled_signals
from seqprobe.run.pools.job_pool import Message
from seqprobe.run.pools.message_file import MessageFile
from seqprobe.run.pools.process_pool import ProcessPool
from seqprobe.run.pools.remote_place import RemotePlace, throttle_progress
from seqprobe.run.pools.slurm_queue import call_slurm, job_states

SIGNAL_SECONDS = 2.0
"""Slurm signals the processes of a job one after the other: a process that ended may be the first of them."""


@dataclass(frozen=True)
class SlurmTask:
    """Requests that one Slurm job runs; called in the job, by submitit.

    Its processes start from a fork server, so that the job imports everything once, and one that dies leaves the
    others. A job that Slurm requeues is called again: it runs what has not been reported yet.

    Attributes:
        jobs: by name.
        at_a_time: how many run side by side; they share the job's CPUs and GPUs.
        messages: the file in which they are reported.
        place: what this machine must see.
    """

    jobs: Mapping[str, Composition]
    at_a_time: int
    messages: Path
    place: RemotePlace

    def __call__(self) -> None:
        file = MessageFile(self.messages)
        ended = {message.job for message in file.read_new() if message.kind in ("done", "failed")}
        waiting = {name: job for name, job in self.jobs.items() if name not in ended}
        try:
            self.place.enter()
        except JobFailed as problem:
            for name in waiting:
                file.append(Message(name, "failed", [str(problem)]))
        else:
            try:
                with handled_signals():
                    self._run(waiting, file)
            except SystemExit:
                requeue_if_preempted()
                raise

    def checkpoint(self) -> Any:
        """What submitit lets the requeued job call: the same, as trainings resume from their checkpoints."""
        return importlib.import_module("submitit.helpers").DelayedSubmission(self)

    def _run(self, jobs: Mapping[str, Composition], file: MessageFile) -> None:
        start_fork_server()
        pool, running = ProcessPool(self.at_a_time), set(jobs)
        reports = {name: throttle_progress(reporter(name, file)) for name in jobs}
        restarts = os.environ.get("SLURM_RESTART_COUNT", "0")
        if restarts != "0" and jobs:
            reports[next(iter(jobs))]("notice", f"its Slurm job was requeued (restart {restarts}) and goes on")
        try:
            pool.start(jobs)
            while running:
                for message in pool.wait():
                    if message.kind in ("done", "failed"):
                        running.discard(message.job)
                    if message.kind == "failed":
                        time.sleep(SIGNAL_SECONDS)
                    reports[message.job](message.kind, *message.content)
        finally:
            pool.end(interrupted=True)


def reporter(name: str, file: MessageFile) -> Any:
    """A function that appends what a job reports."""

    def report(kind: Any, *content: Any) -> None:
        file.append(Message(name, kind, content))

    return report


def requeue_if_preempted() -> None:
    """Queue this job again if Slurm has sent a signal to its processes alone, and would take their end for a failure.

    That is how a preemption begins where the partition has a GraceTime. A job that is cancelled, requeued or out of
    time is COMPLETING before its processes learn of it.
    """
    array, job = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ["SLURM_JOB_ID"]
    if array:  # one of its jobs has the array's id
        job = f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    with contextlib.suppress(JobFailed):
        if job_states([job])[job] == "RUNNING":
            call_slurm(["scontrol", "requeue", job])


def start_fork_server() -> None:
    """Start the server that job processes are forked from, so that the time limit's signal leaves them alone.

    Slurm sends SIGUSR2 to every process of a job; the one that submitit watches requeues the job and ends the others.
    """
    handler = signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # what is ignored stays so in processes that are started
    try:
        multiprocessing.get_context("forkserver").set_forkserver_preload(["seqprobe.run.worker"])
        multiprocessing.forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGUSR2, handler)
