"""Requests whose populations are finished already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqprobe.learning.recorder import Notice
from seqprobe.run.member_locks import locked_members
from seqprobe.run.outcome import Outcome, skipped_outcome
from seqprobe.run.request import Request
from seqprobe.tracking.finished_runs import add_to_sweep, finished_population, recorded_versions, version_notice


def skip_finished(request: Request, notice: Notice) -> Outcome | None:
    """The outcome of a request whose population is finished, which becomes part of the request's sweep; else None.

    The members have to be locked.
    """
    if request.rerun:
        return None
    finished = finished_population(request.store, request.identity.population_hash, request.experiment.engine)
    if finished is None:
        return None
    notify_of_versions([recorded_versions(finished.tags)], notice)
    if request.sweep:
        add_to_sweep(request.store, finished, request.sweep)
    request.workspace.discard()
    return skipped_outcome(request, finished)


def skip_if_finished(request: Request) -> Outcome | None:
    """`skip_finished`, where no other process works on the members; None if one does."""
    workspace = request.workspace
    with locked_members(workspace.work, workspace.training_hash, workspace.seeds, None) as free:
        return skip_finished(request, lambda text: None) if free else None


def notify_of_versions(recorded: Sequence[Mapping[str, str]], notice: Notice) -> None:
    """Say in one line which packages had other versions when finished runs were trained."""
    text = version_notice(recorded)
    if text is not None:
        notice(text)
