"""Run one composed config: train, probe and record its population."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqprobe.config.build import build_experiment
from seqprobe.config.plain import Plain, build_store
from seqprobe.evaluation.evaluate import evaluate
from seqprobe.interrupts import exit_if_signalled, install_signal_handlers
from seqprobe.learning.callbacks import Progress
from seqprobe.learning.checkpoint import Checkpoints, Notice
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import Earlier, fit
from seqprobe.learning.plan import kept_plan
from seqprobe.learning.result import TrainResult
from seqprobe.run.recording import build_recorder
from seqprobe.run.tuning import tune
from seqprobe.run.workspace import Workspace, claimed, workspace_of
from seqprobe.scoring import VAL_LOSS, Tag
from seqprobe.tracking.finished_runs import add_to_sweep, can_go_on, finished_population, trained_members
from seqprobe.tracking.journal.entries import told_param
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        objective: to minimise.
        summary: a line for people.
        skipped: whether it had been finished before.
        undelivered: the folder of what its store has not got, if that was away at the end.
    """

    objective: float
    summary: str
    skipped: bool = False
    undelivered: str | None = None


def silent(words: str) -> None:
    """Tell nobody."""


def run_population(plain: Plain, progress: Progress | None = None, notice: Notice = silent) -> Outcome:
    """Train one population, or what of it was not trained before.

    SIGTERM and SIGHUP end its runs as KILLED, like Ctrl-C.

    Args:
        notice: told what people should read on the way, a line each.
    """
    install_signal_handlers()
    # Lightning warns of torch's own deprecations; nothing that whoever runs this could mend.
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    experiment, store = build_experiment(plain), build_store(plain)
    tune(plain["threads"])
    workspace = workspace_of(plain, store)
    with claimed(workspace.work, workspace.training, workspace.seeds, notice):
        done = None if plain["rerun"] else finished_population(store, workspace.identity)
        if done is None:
            return train_claimed(plain, experiment, store, workspace, progress, notice)
        if plain["names"]["sweep"]:
            add_to_sweep(store, done, plain["names"]["sweep"])
        workspace.discard()
    return skipped(experiment.title, done)


def train_claimed(
    plain: Plain, experiment: Experiment, store: Store, workspace: Workspace, progress: Progress | None, notice: Notice
) -> Outcome:
    """Train a population that is claimed, going on from what was begun and taking over members that were trained."""
    start = time.perf_counter()
    workspace.begin(plain["rerun"])
    found = {} if plain["rerun"] else trained_members(store, workspace.training, workspace.seeds)
    members = {seed: archive for seed, (_, archive) in found.items()}
    checkpoints = Checkpoints(workspace.folder / "checkpoints", plain["trainer"]["checkpoint_seconds"], notice)
    journal = Journal(workspace.folder)
    planned = told_param(journal, "engine") is None or kept_plan(checkpoints, workspace.seeds, members) is not None
    if not planned or not can_go_on(store, journal):
        notice(f"it starts again: {'its runs were deleted' if planned else 'how it was begun is lost'}")
        workspace.discard()
        workspace.begin(plain["rerun"])
        journal = Journal(workspace.folder)
    earlier = Earlier(checkpoints, members)
    tags = {seed: {Tag.TAKEN_OVER_FROM: run} for seed, (run, _) in found.items()}
    with build_recorder(plain, experiment, store, journal, tags, notice) as recorder:
        result = fit(experiment, recorder, progress=heeding_signals(progress), earlier=earlier)
        evaluate(experiment, result, recorder)
    for seed, step, cause in zip(experiment.seeds, result.diverged_at, result.causes, strict=True):
        if cause:
            notice(f"seed {seed} diverged at update {step}: {cause}")
    kept = str(recorder.undelivered) if recorder.undelivered else None
    return Outcome(result.objective, summary(experiment.title, result, time.perf_counter() - start), undelivered=kept)


def skipped(title: str, run: Any) -> Outcome:
    """A population that was finished before."""
    objective = run.data.metrics.get(VAL_LOSS, float("nan"))
    words = f"{title}  finished before: {run.info.run_name} ({run.info.run_id}); rerun=true trains it again"
    return Outcome(objective if np.isfinite(objective) else float("inf"), words, skipped=True)


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


def heeding_signals(progress: Progress | None) -> Progress:
    """``progress`` that ends the run if a signal's exit was lost."""

    def heard(done: int, total: int, words: str) -> None:
        exit_if_signalled()
        if progress is not None:
            progress(done, total, words)

    return heard
