"""Deliver the records that dead processes could not, and close the runs that they left RUNNING."""

from __future__ import annotations

from pathlib import Path

from seqprobe.checks import single_line
from seqprobe.learning.recorder import Notice
from seqprobe.run.workspace import is_outdated, unattended_journals
from seqprobe.tracking.finished_runs import all_runs_exist
from seqprobe.tracking.journal.entries import send_all
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.store import Store


def recover(store: Store, work: Path, notice: Notice) -> int:
    """Deliver pending records of dead processes, then close their runs as KILLED.

    Args:
        work: the folder of the workspaces.
        notice: called with lines of text for the user.

    Returns:
        How many journals could not be delivered.
    """
    client, failed, outdated = store.client(), 0, 0
    for journal in unattended_journals(work, store.workspace_suffix):
        try:
            if not all_runs_exist(store, journal):
                notice(f"{journal.folder} is deleted: its runs are no longer in {store.uri}")
                journal.remove()
                continue
            send_all(journal, store, client)
        except Exception as problem:
            notice(f"{journal.folder} cannot be delivered to {store.uri}: {single_line(problem)}")
            failed += 1
        else:
            outdated += is_outdated(journal)
            close_journal(journal)
    if outdated:
        notice(
            f"{outdated} interrupted trainings of an older version cannot be resumed; run their commands again to "
            "restart them"
        )
    closed = store.close_dead_runs()
    if closed:
        notice(f"{closed} runs of dead processes are closed as KILLED; run the same commands again to resume them")
    return failed


def close_journal(journal: Journal) -> None:
    """Delete a delivered journal whose runs have finished or cannot be resumed, or mark it as sent."""
    ends = [entry["status"] for entry in journal.entries() if entry["kind"] == "end"]
    if ends[-1:] == ["FINISHED"] or is_outdated(journal):
        journal.remove()
    else:
        journal.save_position()
