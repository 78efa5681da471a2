"""Many requests, each in a process of its own, a few at a time; the parent shows their progress."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from rich.progress import Progress, TaskID

from seqprobe.checks import integer
from seqprobe.failure import JobFailed
from seqprobe.interrupts import handled_signals
from seqprobe.run.messages import reason
from seqprobe.run.outcome import Outcome
from seqprobe.run.progress import progress_bars, say
from seqprobe.run.recovery import recover
from seqprobe.run.request import Request
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class JobResult:
    """How a job ended: its outcome, or why it failed."""

    outcome: Outcome | None = None
    error: JobFailed | None = None


@dataclass
class RunningJob:
    """A job's process, and what is known of it so far."""

    request: Request
    process: Any
    messages: Connection
    bar: TaskID
    result: JobResult | None = None


def run_requests(requests: Sequence[Request], at_a_time: int) -> list[JobResult]:
    """Run all requests, even if some fail; their results are in the same order.

    Raises:
        InvalidValue: ``at_a_time`` is no positive integer.
    """
    integer("hydra.launcher.jobs", at_a_time)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["seqprobe.run.worker"])
    for request in requests:  # here, because processes that create one experiment at the same time collide
        request.store.experiment_id(request.experiment.task.name, request.description.experiment_text)
    waiting, running, results = list(enumerate(requests)), dict[int, RunningJob](), dict[int, JobResult]()
    with handled_signals(), progress_bars() as progress, terminated_at_exit(running):
        recover_stores(requests, progress)
        overall = progress.add_task("sweep", total=len(requests), words="")
        while waiting or running:
            while waiting and len(running) < at_a_time:
                index, request = waiting.pop(0)
                running[index] = start_job(context, request, progress)
            wait([source for job in running.values() for source in (job.messages, job.process.sentinel)])
            for index, job in list(running.items()):
                result = drain_messages(job, progress)
                if result is not None:
                    del running[index]
                    results[index] = result
                    close_job(job, result, progress)
                    progress.advance(overall)
    return [results[index] for index in range(len(requests))]


def recover_stores(requests: Sequence[Request], progress: Progress) -> None:
    """Deliver and close what dead processes left in the stores of the requests."""
    stores = {request.store.uri: request for request in requests}
    for request in stores.values():
        recover(request.store, request.workspace.work, lambda text: say(progress, text))


def start_job(context: Any, request: Request, progress: Progress) -> RunningJob:
    """Start a request's process."""
    from seqprobe.run.worker import run_in_process

    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=run_in_process, args=(request.composition, sender), daemon=True)
    process.start()
    sender.close()
    bar = progress.add_task(request.name, total=request.experiment.trainer.max_steps, words="")
    return RunningJob(request, process, receiver, bar)


def drain_messages(job: RunningJob, progress: Progress) -> JobResult | None:
    """Handle the messages that a job has sent; its result if it has ended."""
    alive = job.process.is_alive()
    try:
        while job.messages.poll():
            kind, *content = job.messages.recv()
            if kind == "progress":
                progress.update(job.bar, completed=content[0], words=content[2])
            elif kind == "notice":
                say(progress, f"{job.request.name}: {content[0]}")
            else:
                job.result = JobResult(content[0]) if kind == "done" else JobResult(error=JobFailed(content[0]))
    except EOFError:
        alive = False
    if alive:
        return None
    job.process.join()
    progress.remove_task(job.bar)
    job.messages.close()
    if job.process.exitcode and (job.result is None or job.result.error is None):
        return JobResult(error=JobFailed(f"its process ended with exit code {job.process.exitcode}"))
    return job.result or JobResult(error=JobFailed("its process ended without a result"))


def close_job(job: RunningJob, result: JobResult, progress: Progress) -> None:
    """Print a line about a job that has ended; of a failed one, close the runs and print how to run it alone."""
    if result.outcome is not None:
        say(progress, f"{'skipped' if result.outcome.skipped else 'done   '} {result.outcome.line()}")
        return
    close_runs(job.request.store, progress)
    say(progress, f"FAILED  {job.request.name}: {result.error}", "red")
    say(progress, f"        alone: {job.request.command}")


def close_runs(store: Store, progress: Progress) -> None:
    """Close what a failed job left RUNNING; if that fails, the other jobs go on and the next command does it."""
    try:
        store.close_dead_runs()
    except Exception as problem:
        say(progress, f"Its runs could not be closed yet: {reason(problem)}", "red")


@contextmanager
def terminated_at_exit(running: dict[int, RunningJob]) -> Iterator[None]:
    """However the parent ends, terminate the jobs, and wait until they have closed their runs."""
    try:
        yield
    finally:
        for job in running.values():
            job.process.terminate()
        for job in running.values():
            job.process.join(timeout=30)
