"""What pipelines/train.py does: compose one request and run it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqprobe.run.uncollected_imports import uncollected_imports

if TYPE_CHECKING:
    from seqprobe.run.outcome import Outcome
    from seqprobe.run.request import Request


def train(overrides: Sequence[str], config_dir: Path | None = None) -> float:
    """Train, probe and record a population; the median over seeds of val/loss, for a sweeper to minimise.

    Raises:
        InvalidValue: the overrides do not fit; nothing is written.
        JobFailed: the store was unavailable at the end.
    """
    # Imported here: --help and --cfg do not wait for torch and MLflow.
    with uncollected_imports():
        from seqprobe.run.request import compose

    request = compose(overrides, config_dir)
    print(opening_line(request), file=sys.stderr)
    outcome = run_with_progress(request)
    for line in [outcome.line(seconds_since_start()), *outcome.probed, *closing_lines(request, outcome)]:
        print(line)
    check_delivered(request, outcome)
    return outcome.objective


def print_multirun(sweep: str, overrides: Sequence[str], config_dir: Path | None) -> None:
    """Print and write the comparison of a multirun's trainings."""
    from seqprobe.commands import sweep_summary

    sweep_summary.print_multirun(sweep, overrides, config_dir)


def run_with_progress(request: Request) -> Outcome:
    """Deliver what killed processes left, and run a request with a progress bar."""
    with uncollected_imports():
        if not request.store.is_remote:
            import seqprobe.tracking.preload  # noqa: F401  so that MLflow's parts are among them
        from seqprobe.run.job import run_job
        from seqprobe.run.progress import progress_bar
        from seqprobe.run.recovery import recover

    with progress_bar(request.name, request.experiment.trainer.max_steps) as (progress, notice):
        recover(request.store, request.workspace.work, notice)
        return run_job(request, progress, notice)


def seconds_since_start() -> float:
    """How long this process has run, with its imports: what somebody waits who calls the command from a shell."""
    import psutil

    return time.time() - psutil.Process().create_time()


def check_delivered(request: Request, outcome: Outcome) -> None:
    """Refuse to go on after a training whose records could not be sent.

    Raises:
        JobFailed: the store was unavailable at the end.
    """
    from seqprobe.failure import JobFailed
    from seqprobe.run.messages import undelivered_message

    if outcome.undelivered is not None:
        raise JobFailed(undelivered_message([outcome.undelivered], request.composition.config["tracking"]))


def opening_line(request: Request) -> str:
    """What is about to be trained, and where it is recorded."""
    seeds, steps = len(request.experiment.seeds), request.experiment.trainer.max_steps
    return (
        f"{request.name}: {seeds} seed{'s' if seeds > 1 else ''}, {steps} updates each, recorded in {request.store.uri}"
    )


def closing_lines(request: Request, outcome: Outcome) -> Iterator[str]:
    """Where the figures of a training are, and commands that go on from it."""
    from seqprobe.run.command_lines import command_here, ui_command_here

    if outcome.skipped or outcome.undelivered is not None:
        return
    composition = request.composition
    options = [] if composition.config_dir is None else ["--config-dir", str(composition.config_dir)]
    tracking = composition.tracking_overrides
    task = [f"task={composition.config['names']['task']}"]
    if request.experiment.task.path_keys:  # which data it is about is stated by overrides
        task += [override for override in composition.overrides if override.startswith(("task.", "+probe@"))]
    yield f"Figures: run {outcome.run_id} in the UI: {ui_command_here(request.store)}"
    yield f"Compare models on this task: {command_here('sweep', *options, *task, *tracking)}"
    further = [f"run={outcome.run_id}", "+probe@task.probes.NAME=CHOICE", *tracking]
    yield f"Probe it further: {command_here('probe', *options, *further)}"
