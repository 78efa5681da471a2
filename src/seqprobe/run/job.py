"""Run one request: train, probe and record its population."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqprobe.evaluation.evaluate import evaluate
from seqprobe.interrupts import exit_if_signalled, install_signal_handlers
from seqprobe.learning.callbacks import Progress
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.fit import fit
from seqprobe.learning.plan import PreviousWork
from seqprobe.learning.recorder import Notice
from seqprobe.run.member_locks import locked_members
from seqprobe.run.request import Request
from seqprobe.run.tuning import configure_process
from seqprobe.scoring import VAL_LOSS, MetricName, Score
from seqprobe.tracking.finished_runs import (
    TrainedMember,
    add_to_sweep,
    all_runs_exist,
    finished_population,
    recorded_versions,
    seeds_of_earlier_versions,
    trained_members,
    version_notice,
)
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
    """Drop a notice."""


def run_job(request: Request, progress: Progress | None = None, notice: Notice = ignore) -> Outcome:
    """Train a request's population, or those of its members that are not trained yet.

    SIGTERM and SIGHUP end its runs as KILLED, like Ctrl-C.

    Args:
        progress: called with how many updates are done, of how many, and a few words.
        notice: called with lines of text for the user.
    """
    install_signal_handlers()
    # Lightning warns of torch's own deprecations, which users cannot act on.
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    configure_process(request.composition.config["threads"])
    workspace = request.workspace
    with locked_members(workspace.work, workspace.training_hash, workspace.seeds, notice):
        population_hash, engine = request.identity.population_hash, request.experiment.engine
        finished = None if request.rerun else finished_population(request.store, population_hash, engine)
        if finished is None:
            return train_members(request, progress, notice)
        notify_of_versions([recorded_versions(finished.data.tags)], notice)
        if request.sweep:
            add_to_sweep(request.store, finished, request.sweep)
        workspace.discard()
    return skipped_outcome(request, finished)


def train_members(request: Request, progress: Progress | None, notice: Notice) -> Outcome:
    """Train the locked members; resume an interrupted training, and take over members that are trained already."""
    start, experiment, store, seeds = time.perf_counter(), request.experiment, request.store, request.workspace.seeds
    request.workspace.begin(request.rerun)
    trained = {} if request.rerun else reusable_members(request, notice)
    archives = {seed: member.archive for seed, member in trained.items()}
    settings = experiment.trainer
    checkpoints = Checkpoints(request.workspace.folder / "checkpoints", settings.checkpoint_seconds, notice)
    previous = PreviousWork.load(checkpoints, seeds, archives)
    journal = Journal(request.workspace.folder)
    resumable = journal_param(journal, "engine") is None or previous.plan is not None
    begun_with = journal_param(journal, "engine") or experiment.engine
    same_engine = experiment.engine in ("auto", begun_with)
    if not same_engine or not resumable or not all_runs_exist(store, journal):
        reason = "its runs were deleted." if resumable else "the plan of the checkpoint is missing."
        notice(f"Restarting: {reason if same_engine else f'it was begun with engine={begun_with}.'}")
        request.workspace.discard()
        request.workspace.begin(request.rerun)
        previous, journal = PreviousWork(checkpoints, archives), Journal(request.workspace.folder)
    taken_over = {seed: (member.run_id, member.engine) for seed, member in trained.items()}
    description = dataclasses.replace(request.description, taken_over=taken_over)
    with MLflowRecorder(store, description, journal, notice) as recorder:
        result = fit(experiment, recorder, progress=interruptible(progress), previous=previous)
        evaluate(experiment, result, recorder)
    for seed, step, cause in zip(experiment.seeds, result.diverged_at, result.causes, strict=True):
        if cause:
            notice(f"seed {seed} diverged at update {step}: {cause}")
    undelivered = str(recorder.undelivered) if recorder.undelivered else None
    ending = f"{result.engine}  {time.perf_counter() - start:.0f} s"
    text = summary(experiment.title, experiment.task.main_score, result.scores, ending)
    return Outcome(result.objective, text, undelivered=undelivered)


def reusable_members(request: Request, notice: Notice) -> dict[int, TrainedMember]:
    """Members that are trained already, by seed.

    Notices say which seeds train again after an update of seqprobe, and which packages had other versions.
    """
    seeds, names = request.workspace.seeds, request.composition.config["names"]
    members = trained_members(request.store, request.identity.training_hash, seeds, request.experiment.engine)
    notify_of_versions([member.versions for member in members.values()], notice)
    missing = [seed for seed in seeds if seed not in members]
    run_names = {key: names[key] for key in ("task", "model", "preset", "overrides")}
    retrained = seeds_of_earlier_versions(request.store, run_names, missing) if missing else []
    if retrained:
        notice(
            f"Training again what an earlier version of seqprobe trained (seeds {', '.join(map(str, retrained))}). "
            "Its runs stay in the store, in comparisons, and for pipelines/probe.py."
        )
    return members


def notify_of_versions(recorded: Sequence[Mapping[str, str]], notice: Notice) -> None:
    """Say in one line which packages had other versions when finished runs were trained."""
    text = version_notice(recorded)
    if text is not None:
        notice(text)


def skipped_outcome(request: Request, run: Any) -> Outcome:
    """The outcome of a population that was finished before, by a parent run."""
    objective = run.data.metrics.get(VAL_LOSS, float("nan"))
    before = f"finished before: {run.info.run_name} ({run.info.run_id}); rerun=true trains it again"
    text = f"{request.experiment.title}  {before}"
    return Outcome(objective if np.isfinite(objective) else float("inf"), text, skipped=True)


def summary(title: str, score: Score, scores: Mapping[str, np.ndarray], ending: str) -> str:
    """One line: task and model, the median of the task's main score, seeds, and the ending (engine, duration).

    Args:
        scores: the final validation scores, ``(seeds,)`` by name.
    """
    values = scores[score.name]
    finite = values[np.isfinite(values)]
    if not len(finite):
        return f"{title}  all {len(values)} seeds diverged  {ending}"
    of = (
        f"{len(finite)} of {len(values)} seeds, the others diverged"
        if len(finite) < len(values)
        else f"{len(values)} seeds"
    )
    counted = f"median of {of}" if len(values) > 1 else "1 seed"
    return f"{title}  {MetricName('val', score.name)} {np.median(finite):.3g} ({counted})  {ending}"


def interruptible(progress: Progress | None) -> Progress:
    """``progress`` that also exits after a signal whose exit Python dropped."""

    def report(done: int, total: int, words: str) -> None:
        exit_if_signalled()
        if progress is not None:
            progress(done, total, words)

    return report
