"""Many requests as jobs of a pool; this process shows their progress and closes the runs of those that fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.progress import Progress, TaskID

from seqprobe.failure import JobFailed
from seqprobe.interrupts import handled_signals
from seqprobe.run.finished_requests import skip_if_finished
from seqprobe.run.messages import reason
from seqprobe.run.outcome import Outcome
from seqprobe.run.pools.job_pool import Message, Pool
from seqprobe.run.progress import progress_bars, say
from seqprobe.run.recovery import recover
from seqprobe.run.request import Request
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class JobResult:
    """How a job ended: its outcome, or why it failed."""

    outcome: Outcome | None = None
    error: JobFailed | None = None


def run_requests(requests: Sequence[Request], pool: Pool) -> list[JobResult]:
    """Run all requests, even if some fail; their results are in the same order.

    Raises:
        InvalidValue, JobFailed: the pool cannot be used.
    """
    for request in requests:  # here, because processes that create one experiment at the same time collide
        request.store.experiment_id(request.description.experiment, request.description.experiment_text)
    jobs, results = job_names(requests), dict[str, JobResult]()
    with handled_signals(), progress_bars() as progress:
        recover_stores(requests, progress)
        display = JobDisplay(progress, jobs)
        if pool.is_remote:
            results.update(display.close(name, result) for name, result in finished_jobs(jobs))
        with ended_at_exit(pool, progress):
            pool.start({name: jobs[name].composition for name in jobs if name not in results})
            while len(results) < len(jobs):
                for message in pool.wait():
                    result = display.handle(message)
                    if result is not None:
                        results.update([display.close(message.job, result)])
                        if pool.is_remote and result.outcome is not None:
                            join_sweep(jobs[message.job], progress)
    return [results[name] for name in jobs]


def job_names(requests: Sequence[Request]) -> dict[str, Request]:
    """Requests by names that are the same in the next command: of their workspaces, numbered if one is repeated."""
    named: dict[str, Request] = {}
    for request in requests:
        name, count = request.workspace.folder.name, 1
        while name in named:
            count += 1
            name = f"{request.workspace.folder.name}-{count}"
        named[name] = request
    return named


def finished_jobs(jobs: Mapping[str, Request]) -> Iterator[tuple[str, JobResult]]:
    """The results of those jobs that were finished before."""
    for name, request in jobs.items():
        outcome = skip_if_finished(request)
        if outcome is not None:
            yield name, JobResult(outcome)


def recover_stores(requests: Sequence[Request], progress: Progress) -> None:
    """Deliver and close what dead processes left in the stores of the requests."""
    stores = {request.store.uri: request for request in requests}
    for request in stores.values():
        recover(request.store, request.workspace.work, lambda text: say(progress, text))


class JobDisplay:
    """A bar for each job that runs and one for all; lines about what happens above them.

    Args:
        progress: the bars.
        jobs: by name.
    """

    def __init__(self, progress: Progress, jobs: Mapping[str, Request]) -> None:
        self.progress, self.jobs = progress, jobs
        self.overall = progress.add_task("sweep", total=len(jobs), words="")
        self.bars: dict[str, TaskID] = {}

    def handle(self, message: Message) -> JobResult | None:
        """Show what a job reports; its result if it has ended."""
        request = self.jobs[message.job]
        if message.kind == "notice":
            say(self.progress, f"{request.name}: {message.content[0]}")
        elif message.kind == "done":
            return JobResult(message.content[0])
        elif message.kind == "failed":
            return JobResult(error=JobFailed(message.content[0]))
        else:
            done, _, words = message.content or (0, 0, "")
            self.progress.update(self._bar(message.job), completed=done, words=words)
        return None

    def _bar(self, name: str) -> TaskID:
        if name not in self.bars:
            request = self.jobs[name]
            self.bars[name] = self.progress.add_task(request.name, total=request.experiment.trainer.max_steps, words="")
        return self.bars[name]

    def close(self, name: str, result: JobResult) -> tuple[str, JobResult]:
        """Print a line about a job that has ended; of a failed one, close the runs and print how to run it alone."""
        request = self.jobs[name]
        if name in self.bars:
            self.progress.remove_task(self.bars.pop(name))
        self.progress.advance(self.overall)
        if result.outcome is not None:
            say(self.progress, f"{'skipped' if result.outcome.skipped else 'done   '} {result.outcome.line()}")
        else:
            close_runs(request.store, self.progress)
            say(self.progress, f"FAILED  {request.name}: {result.error}", "red")
            say(self.progress, f"        alone: {request.command}")
        return name, result


def join_sweep(request: Request, progress: Progress) -> None:
    """Make a finished population part of this sweep: an earlier command may have detached its job, in another one."""
    try:
        skip_if_finished(request)
    except Exception as problem:
        say(progress, f"{request.name} is in the store, but not in the sweep's comparison: {reason(problem)}", "red")


def close_runs(store: Store, progress: Progress) -> None:
    """Close what a failed job left RUNNING; if that fails, the other jobs go on and the next command does it."""
    try:
        store.close_dead_runs()
    except Exception as problem:
        say(progress, f"Its runs could not be closed yet: {reason(problem)}", "red")


@contextmanager
def ended_at_exit(pool: Pool, progress: Progress) -> Iterator[None]:
    """However the block is left, let the pool end; say which jobs go on after an interrupt."""
    interrupted = False
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        interrupted = True
        raise
    finally:
        line = pool.end(interrupted)
        if line:
            say(progress, line)
