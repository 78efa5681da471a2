"""Run one request: train, probe and record its population."""

from __future__ import annotations

import dataclasses
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqprobe.evaluation.evaluate import evaluate
from seqprobe.interrupts import exit_if_signalled, install_signal_handlers
from seqprobe.learning.callbacks import Progress
from seqprobe.learning.checkpoint import Checkpoints, Notice
from seqprobe.learning.fit import Earlier, fit
from seqprobe.learning.plan import load_plan
from seqprobe.learning.result import TrainResult
from seqprobe.run.member_locks import claimed_members
from seqprobe.run.request import Request
from seqprobe.run.tuning import tune
from seqprobe.scoring import VAL_LOSS, Tag
from seqprobe.tracking.finished_runs import add_to_sweep, can_go_on, finished_population, trained_members
from seqprobe.tracking.journal.entries import journal_param
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.mlflow_recorder import MLflowRecorder


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        objective: to minimise.
        summary: one line of text.
        skipped: whether it was finished before.
        undelivered: the workspace with records that could not be sent, if the store was unavailable at the end.
    """

    objective: float
    summary: str
    skipped: bool = False
    undelivered: str | None = None


def ignore(text: str) -> None:
    """A notice that nobody reads."""


def run_job(request: Request, progress: Progress | None = None, notice: Notice = ignore) -> Outcome:
    """Train a request's population, or those of its members that are not trained yet.

    SIGTERM and SIGHUP end its runs as KILLED, like Ctrl-C.

    Args:
        progress: called with how many updates are done, of how many, and a few words.
        notice: called with lines of text for the user.
    """
    install_signal_handlers()
    # Lightning warns of torch's own deprecations, which no user can do anything about.
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    tune(request.composition.config["threads"])
    workspace = request.workspace
    with claimed_members(workspace.work, workspace.training, workspace.seeds, notice):
        finished = None if request.rerun else finished_population(request.store, request.identity.population)
        if finished is None:
            return train_members(request, progress, notice)
        if request.sweep:
            add_to_sweep(request.store, finished, request.sweep)
        workspace.discard()
    return skipped_outcome(request, finished)


def train_members(request: Request, progress: Progress | None, notice: Notice) -> Outcome:
    """Train the claimed members; resume an interrupted training, and take over members that are trained already."""
    start, experiment, store, seeds = time.perf_counter(), request.experiment, request.store, request.workspace.seeds
    request.workspace.begin(request.rerun)
    trained = {} if request.rerun else trained_members(store, request.identity.training, seeds)
    archives = {seed: archive for seed, (_, archive) in trained.items()}
    settings = experiment.trainer
    checkpoints = Checkpoints(request.workspace.folder / "checkpoints", settings.checkpoint_seconds, notice)
    journal = Journal(request.workspace.folder)
    resumable = journal_param(journal, "engine") is None or load_plan(checkpoints, seeds, archives) is not None
    if not resumable or not can_go_on(store, journal):
        notice(f"Restarting: {'its runs were deleted.' if resumable else 'the plan of the checkpoint is missing.'}")
        request.workspace.discard()
        request.workspace.begin(request.rerun)
        journal = Journal(request.workspace.folder)
    tags = {seed: {Tag.TAKEN_OVER_FROM: run} for seed, (run, _) in trained.items()}
    description = dataclasses.replace(request.description, members=tags)
    with MLflowRecorder(store, description, journal, notice) as recorder:
        earlier = Earlier(checkpoints, archives)
        result = fit(experiment, recorder, progress=interruptible(progress), earlier=earlier)
        evaluate(experiment, result, recorder)
    for seed, step, cause in zip(experiment.seeds, result.diverged_at, result.causes, strict=True):
        if cause:
            notice(f"seed {seed} diverged at update {step}: {cause}")
    undelivered = str(recorder.undelivered) if recorder.undelivered else None
    text = summary(experiment.title, result, time.perf_counter() - start)
    return Outcome(result.objective, text, undelivered=undelivered)


def skipped_outcome(request: Request, run: Any) -> Outcome:
    """The outcome of a population that was finished before, by a parent run."""
    objective = run.data.metrics.get(VAL_LOSS, float("nan"))
    before = f"finished before: {run.info.run_name} ({run.info.run_id}); rerun=true trains it again"
    text = f"{request.experiment.title}  {before}"
    return Outcome(objective if np.isfinite(objective) else float("inf"), text, skipped=True)


def summary(title: str, result: TrainResult, seconds: float) -> str:
    """One line: what, the median score of how many finite members, the engine, the time."""
    metric = "accuracy" if "accuracy" in result.scores else "rmse"
    values = result.scores[metric]
    finite = values[np.isfinite(values)]
    ending = f"{result.engine}  {seconds:.0f} s"
    if not len(finite):
        return f"{title}  all {len(values)} seeds diverged  {ending}"
    of = (
        f"{len(finite)} of {len(values)} seeds, the others diverged"
        if len(finite) < len(values)
        else f"{len(values)} seeds"
    )
    counted = f"median of {of}" if len(values) > 1 else "1 seed"
    return f"{title}  val/{metric} {np.median(finite):.3g} ({counted})  {ending}"


def interruptible(progress: Progress | None) -> Progress:
    """``progress`` that exits if a signal has asked for it and the exit was lost."""

    def report(done: int, total: int, words: str) -> None:
        exit_if_signalled()
        if progress is not None:
            progress(done, total, words)

    return report
