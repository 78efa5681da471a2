"""Run one request: train, probe and record its population."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from seqprobe.evaluation.evaluate import evaluate
from seqprobe.failure import JobFailed
from seqprobe.interrupts import exit_if_signalled, handled_signals, refused_exits
from seqprobe.learning.archive import check_archive
from seqprobe.learning.callbacks import Progress
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import Notice
from seqprobe.models.compiled.code_folder import use_code_folder
from seqprobe.run.changed_code import changed_code_notice
from seqprobe.run.finished_requests import notify_of_versions, skip_finished
from seqprobe.run.member_locks import HeldMembers, held_members
from seqprobe.run.outcome import Outcome, probe_lines, trained_outcome
from seqprobe.run.request import Request
from seqprobe.run.resumption import begin_attempt
from seqprobe.run.tuning import configure_process
from seqprobe.tracking.finished_runs import (
    TrainedMember,
    seeds_of_earlier_versions,
    trained_members,
)
from seqprobe.tracking.leases.lease import LeaseLost
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.stores.availability import when_available


def run_job(request: Request, progress: Progress | None = None, notice: Notice = lambda text: None) -> Outcome:
    """Train a request's population, or those of its members that are not trained yet.

    SIGTERM and SIGHUP end its runs as KILLED, like Ctrl-C; outside of the main thread signals do not concern it.

    Args:
        progress: called with how many updates are done, of how many, and a few words.
        notice: called with lines of text for the user.
    """
    # Lightning warns of torch's own deprecations, which users cannot act on.
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    configure_process(request.composition.config["threads"])
    workspace = request.workspace
    use_code_folder(workspace.work)
    with handled_signals(), taken_over_explained(request), held_members(workspace, request.store, notice) as held:
        skipped = when_available(request.store, partial(skip_finished, request, notice), notice)
        return skipped or train_members(request, held, progress, notice)


@contextmanager
def taken_over_explained(request: Request) -> Iterator[None]:
    """Turn the loss of the lease into a message."""
    try:
        yield
    except LeaseLost as problem:
        raise JobFailed(
            f"{problem}, since this one was suspended or cut off for longer than tracking.lease_seconds="
            f"{request.store.lease_seconds:g}; it has stopped, and records nothing more"
        ) from problem


def train_members(request: Request, held: HeldMembers, progress: Progress | None, notice: Notice) -> Outcome:
    """Train the locked members; resume an interrupted training, and take over members that are trained already."""
    start, experiment = time.perf_counter(), request.experiment
    trained = {} if request.rerun else when_available(request.store, partial(reusable_members, request, notice), notice)
    attempt = begin_attempt(request, {seed: member.archive for seed, member in trained.items()}, notice)
    taken_over = {seed: (member.run_id, member.engine) for seed, member in trained.items()}
    description = dataclasses.replace(request.description, taken_over=taken_over)
    report, updates = interruptible(progress, held), experiment.trainer.max_steps
    held.confirm_workspace()
    attempt.journal.guard, attempt.journal.sending_guard = held.check, held.check_sending
    with MLflowRecorder(request.store, description, attempt.journal, notice) as recorder, refused_exits():
        if attempt.work.plan is None:
            report(0, updates, "timing engines" if experiment.engine == "auto" else "drawing data")
        result = fit(experiment, recorder, progress=report, previous=attempt.work)
        probed = evaluate(experiment, result, recorder, partial(report, updates, updates))
        held.confirm_workspace()
    report(updates, updates, "")
    for seed, step, cause in zip(experiment.seeds, result.diverged_at, result.causes, strict=True):
        if cause:
            notice(f"seed {seed} diverged at update {step}: {cause}")
    outcome = trained_outcome(request, result, time.perf_counter() - start, recorder.undelivered)
    return dataclasses.replace(outcome, probed=probe_lines(experiment, probed), run_id=recorder.parent)


def reusable_members(request: Request, notice: Notice) -> dict[int, TrainedMember]:
    """Members that are trained already, by seed.

    Notices say which seeds train again after an update of seqprobe, and which packages had other versions.
    """
    seeds, names = request.workspace.seeds, request.composition.config["names"]
    experiment = request.experiment
    members = trained_members(
        request.store,
        request.identity.training_hash,
        seeds,
        experiment.engine,
        lambda archive: check_archive(archive, experiment.build_network()),
        notice,
    )
    notify_of_versions([member.versions for member in members.values()], notice)
    missing = [seed for seed in seeds if seed not in members]
    changed = changed_code_notice(request) if missing else None
    if changed is not None:
        notice(changed)
    run_names = {key: names[key] for key in ("task", "model", "preset", "overrides")}
    retrained = seeds_of_earlier_versions(request.store, run_names, missing) if missing else []
    if retrained:
        notice(
            f"Training again what an earlier version of seqprobe trained (seeds {', '.join(map(str, retrained))}). "
            "Its runs stay in the store, in comparisons, and for pipelines/probe.py."
        )
    return members


def interruptible(progress: Progress | None, held: HeldMembers) -> Progress:
    """``progress`` that also exits after a signal whose exit Python dropped, and when the members are lost."""

    def report(done: int, total: int, words: str) -> None:
        exit_if_signalled()
        held.check()
        if progress is not None:
            progress(done, total, words)

    return report
