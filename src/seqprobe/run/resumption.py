"""An attempt at a request: a new one, or an interrupted one that is resumed; and why one has to start over instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seqprobe.files import set_aside
from seqprobe.learning.archive import Archive
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import Notice
from seqprobe.run.request import Request
from seqprobe.tracking.journal.entries import all_runs_exist, damaged_file, journal_param
from seqprobe.tracking.journal.journal import Journal


@dataclass(frozen=True)
class Attempt:
    """What a training starts from; both parts are empty unless an interrupted attempt left them.

    Attributes:
        journal: what is recorded and not yet delivered, with the runs that it is recorded to.
        work: checkpoints and their plan, and members that are trained already.
    """

    journal: Journal
    work: PreviousWork


def begin_attempt(request: Request, trained: Mapping[int, Archive], notice: Notice) -> Attempt:
    """Resume the attempt that was interrupted, if that is possible, or start a new one in an empty workspace.

    Args:
        trained: archives of members that are trained already, by seed.
        notice: called with the reason why an interrupted attempt starts over.
    """
    workspace = request.workspace
    workspace.begin(request.rerun, notice)
    journal = open_journal(request, notice)
    attempt = Attempt(journal, previous_work(request, trained, notice))
    reason = obstacle(request, attempt)
    if reason is not None:
        notice(f"Restarting: {reason}")
        workspace.discard()
        workspace.begin(request.rerun, notice)
        attempt = Attempt(Journal(workspace.folder), previous_work(request, trained, notice))
    return attempt


def open_journal(request: Request, notice: Notice) -> Journal:
    """The journal of a workspace; an empty one, for new runs, if it is damaged or its runs were deleted."""
    journal = Journal(request.workspace.folder)
    damaged = damaged_file(journal)
    if damaged is not None:
        renamed = set_aside(damaged).name
        notice(f"{damaged} is damaged: renamed to {renamed}; going on from the checkpoints in new runs")
    elif all_runs_exist(request.store, journal):
        return journal
    else:
        request.store.experiment_id(request.description.experiment)  # raises an error if all of it was deleted
        notice("The runs of this training were deleted: going on from its checkpoints in new runs")
    journal.abandon()
    return Journal(request.workspace.folder)


def previous_work(request: Request, trained: Mapping[int, Archive], notice: Notice) -> PreviousWork:
    """What the checkpoints of a workspace and the members that are trained already spare a training."""
    folder, seconds = request.workspace.folder, request.experiment.trainer.checkpoint_seconds
    checkpoints = Checkpoints(folder / "checkpoints", seconds, notice)
    return PreviousWork.load(checkpoints, request.workspace.seeds, trained)


def obstacle(request: Request, attempt: Attempt) -> str | None:
    """Why an attempt cannot be resumed; None if it can be, or if it is new."""
    plan, recorded = attempt.work.plan, journal_param(attempt.journal, "engine")  # as soon as there is a plan
    begun_with = recorded or (plan.engine if plan else None)
    if begun_with is not None and request.experiment.engine not in ("auto", begun_with):
        return f"it was begun with engine={begun_with}."
    if plan is None and (begun_with is not None or attempt.work.checkpoints.names()):
        return "its plan is missing, or members that it took over are no longer in the store."
    return None
