"""Many populations, each in a process of its own, a few at a time; the parent shows their progress."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from rich.progress import Progress, TaskID

from seqprobe.checks import InvalidValue, integer
from seqprobe.config import trust
from seqprobe.config.build import build_experiment
from seqprobe.config.plain import Plain, build_store
from seqprobe.interrupts import install_signal_handlers
from seqprobe.learning.experiment import Experiment
from seqprobe.run.experiment_description import about
from seqprobe.run.failure import JobFailed
from seqprobe.run.job import Outcome
from seqprobe.run.messages import reason
from seqprobe.run.progress import bars, say
from seqprobe.run.recording import command
from seqprobe.run.recovery import recover
from seqprobe.run.workspace import work_folder
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class Job:
    """One population to run: the overrides that made it, its resolved config, and how many such run at a time."""

    overrides: Sequence[str]
    config: Plain
    at_a_time: int = 2

    @property
    def name(self) -> str:
        """What the progress bar calls it."""
        names = self.config["names"]
        return " · ".join(str(names[key]) for key in ("task", "model", "preset") if names[key])

    @property
    def alone(self) -> str:
        """The command that runs it alone."""
        return command(self.overrides)


@dataclass
class Done:
    """How a job ended: what it came to, or why it failed."""

    outcome: Outcome | None = None
    error: JobFailed | None = None


@dataclass
class Running:
    """A job under way."""

    name: str
    process: Any
    messages: Connection
    bar: TaskID
    done: Done = field(default_factory=Done)


waiting_jobs: list[Job] | None = None
"""Where launched jobs wait while several multiruns are composed; None: they run at once."""


@contextmanager
def collected() -> Iterator[list[Job]]:
    """Let launchers only add their jobs to a list, so that all of several multiruns are composed before any runs."""
    global waiting_jobs
    waiting_jobs = []
    try:
        yield waiting_jobs
    finally:
        waiting_jobs = None


def run_jobs(jobs: Sequence[Job], at_a_time: int) -> list[Done]:
    """Run all jobs, whatever becomes of each, and tell how each ended, in their order.

    Raises:
        InvalidValue: a job's config is wrong; then none has run.
    """
    integer("hydra.launcher.jobs", at_a_time)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["seqprobe.run.worker"])
    checked = [built(job) for job in jobs]  # all are built before the first is given a place
    for job, (experiment, store) in zip(jobs, checked, strict=True):
        store.experiment_id(experiment.task.name, about(job.config["names"]["task"], experiment.task))
    stores = [store for _, store in checked]
    waiting, running, ended = list(enumerate(jobs)), dict[int, Running](), dict[int, Done]()
    install_signal_handlers()
    with bars() as progress, cleared(running):
        places = {store.uri: (store, work_folder(job.config)) for job, store in zip(jobs, stores, strict=True)}
        for store, work in places.values():
            recover(store, work, lambda words: say(progress, words))
        overall = progress.add_task("sweep", total=len(jobs), words="")
        while waiting or running:
            while waiting and len(running) < at_a_time:
                index, job = waiting.pop(0)
                running[index] = start(context, job, progress)
            wait([thing for each in running.values() for thing in (each.messages, each.process.sentinel)])
            for index, each in list(running.items()):
                if over(each, progress):
                    ended[index] = running.pop(index).done
                    if ended[index].error is not None:
                        closed(stores[index], progress)
                    report(jobs[index], ended[index], progress)
                    progress.advance(overall)
    return [ended[index] for index in range(len(jobs))]


def built(job: Job) -> tuple[Experiment, Store]:
    """What the job will build; nothing is written."""
    try:
        return build_experiment(job.config), build_store(job.config)
    except InvalidValue as problem:
        raise InvalidValue(f"{' '.join(job.overrides)}: {problem.key}", problem.value, problem.allowed) from problem


def start(context: Any, job: Job, progress: Progress) -> Running:
    """Start a job's process."""
    from seqprobe.run.worker import work

    receiver, sender = context.Pipe(duplex=False)
    arguments = (job.config, list(sys.path), list(trust.folders), sender)
    process = context.Process(target=work, args=arguments, daemon=True)
    process.start()
    sender.close()
    return Running(
        job.name, process, receiver, progress.add_task(job.name, total=job.config["trainer"]["max_steps"], words="")
    )


def over(each: Running, progress: Progress) -> bool:
    """Read what a job has to say; true when it has ended."""
    alive = each.process.is_alive()
    try:
        while each.messages.poll():
            kind, *content = each.messages.recv()
            if kind == "progress":
                progress.update(each.bar, completed=content[0], words=content[2])
            elif kind == "notice":
                say(progress, f"{each.name}: {content[0]}")
            elif kind == "done":
                each.done = Done(content[0])
            else:
                each.done = Done(error=JobFailed(content[0]))
    except EOFError:
        each.process.join()
        alive = False
    if alive:
        return False
    each.process.join()
    if each.process.exitcode and each.done.error is None:
        each.done = Done(error=JobFailed(f"its process ended with exit code {each.process.exitcode}"))
    progress.remove_task(each.bar)
    each.messages.close()
    return True


def closed(store: Store, progress: Progress) -> None:
    """Close what a job left RUNNING; whatever hinders that, the other jobs go on, and the next command does it."""
    try:
        store.close_dead_runs()
    except Exception as problem:
        say(progress, f"its runs are not closed yet: {reason(problem)}", "red")


def report(job: Job, done: Done, progress: Progress) -> None:
    """A line about a job that has ended; for a failed one, how to run it alone."""
    if done.outcome is not None:
        say(progress, f"{'skipped' if done.outcome.skipped else 'done   '} {done.outcome.summary}")
    else:
        say(progress, f"FAILED  {job.name}: {done.error}", "red")
        say(progress, f"        alone: {job.alone}")


@contextmanager
def cleared(running: dict[int, Running]) -> Iterator[None]:
    """Whatever interrupts the parent, ask the jobs to end their runs, and wait for them."""
    try:
        yield
    finally:
        for each in running.values():
            each.process.terminate()
        for each in running.values():
            each.process.join(timeout=30)
