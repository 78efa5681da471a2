"""An attempt at a request: a new one, or an interrupted one that is resumed; and why one has to start over instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seqprobe.learning.archive import Archive
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import Notice
from seqprobe.run.request import Request
from seqprobe.tracking.journal.entries import all_runs_exist, journal_param
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
    workspace.begin(request.rerun)
    attempt = open_attempt(request, trained, notice)
    reason = obstacle(request, attempt)
    if reason is not None:
        notice(f"Restarting: {reason}")
        workspace.discard()
        workspace.begin(request.rerun)
        attempt = open_attempt(request, trained, notice)
    return attempt


def open_attempt(request: Request, trained: Mapping[int, Archive], notice: Notice) -> Attempt:
    """The attempt that a workspace holds."""
    folder, seconds = request.workspace.folder, request.experiment.trainer.checkpoint_seconds
    checkpoints = Checkpoints(folder / "checkpoints", seconds, notice)
    return Attempt(Journal(folder), PreviousWork.load(checkpoints, request.workspace.seeds, trained))


def obstacle(request: Request, attempt: Attempt) -> str | None:
    """Why an attempt cannot be resumed; None if it can be, or if it is new."""
    begun_with = journal_param(attempt.journal, "engine")  # recorded as soon as there is a plan
    if begun_with is not None and request.experiment.engine not in ("auto", begun_with):
        return f"it was begun with engine={begun_with}."
    if begun_with is not None and attempt.work.plan is None:
        return "its plan is missing, or members that it took over are no longer in the store."
    if not all_runs_exist(request.store, attempt.journal):
        return "its runs were deleted."
    return None
