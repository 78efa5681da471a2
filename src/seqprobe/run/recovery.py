"""Deliver the records that dead processes could not, and close the runs that they left RUNNING."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqprobe.checks import single_line
from seqprobe.files import set_aside
from seqprobe.learning.recorder import Notice
from seqprobe.run.abandoned_runs import close_abandoned_runs
from seqprobe.run.member_locks import locked_members
from seqprobe.run.workspace import METADATA_FILE, read_metadata
from seqprobe.tracking.journal.entries import all_runs_exist, damaged_file, send_all
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.store import Store

HASH_LENGTH = 16
"""Length of the identity's hash, with which a workspace's name begins; the store's suffix follows."""
OLD_METADATA_FILE = "cell.json"
"""The name of `METADATA_FILE` in versions whose workspaces this one cannot resume."""

DELETED = "deleted"
"""Marks a workspace whose runs are deleted, which was reported."""
IN_NEW_RUNS = "the command of that training goes on from its checkpoints in new runs"
REPAIRED = "the command of that training repairs it and goes on"


def recover(store: Store, work: Path, notice: Notice) -> int:
    """Deliver pending records of dead processes, then close their runs as KILLED.

    Args:
        work: the folder of the workspaces.
        notice: called with lines of text for the user.

    Returns:
        How many journals could not be delivered.
    """
    failed, outdated = 0, 0
    try:
        for journal in unattended_journals(work, store.workspace_suffix, notice):
            outdated += is_outdated(journal)
            try:
                deliver_journal(journal, store, notice)
            except Exception as problem:
                notice(f"{journal.folder} cannot be delivered to {store.uri}: {single_line(problem)}")
                failed += 1
        if outdated:
            notice(
                f"{outdated} interrupted trainings of an older version cannot be resumed; run their commands again to "
                "restart them"
            )
    finally:  # a disk that is too full for the journals may have room for the statuses
        closed = close_abandoned_runs(store, work)
        if closed:
            notice(f"{closed} runs of dead processes are closed as KILLED; run the same commands again to resume them")
    return failed


def deliver_journal(journal: Journal, store: Store, notice: Notice) -> None:
    """Deliver what is pending in a dead process's journal; one that is damaged is set aside."""
    damaged = damaged_file(journal)
    if damaged is not None:
        notice(f"{damaged} is damaged: renamed to {set_aside(damaged).name}; {IN_NEW_RUNS}")
        journal.abandon()
    elif not all_runs_exist(store, journal):
        notify_of_deleted_runs(journal, store, notice)
    else:
        send_all(journal, store, store.client())
        close_journal(journal)


def close_journal(journal: Journal) -> None:
    """Delete a delivered journal whose runs have finished or cannot be resumed, or mark it as sent."""
    ends = [entry["status"] for entry in journal.entries() if entry["kind"] == "end"]
    if ends[-1:] == ["FINISHED"] or is_outdated(journal):
        journal.remove()
    else:
        journal.save_position()


def notify_of_deleted_runs(journal: Journal, store: Store, notice: Notice) -> None:
    """Notify once that the runs of a journal are deleted in the store; the journal is kept, as they may be restored."""
    mark = journal.folder / DELETED
    if not mark.exists():
        what = f"the runs of {journal.folder} are deleted in {store.uri}"
        notice(f"{what}: restore them there to go on in them, or else {IN_NEW_RUNS}")
        mark.touch()


def unattended_journals(work: Path, suffix: str, notice: Notice) -> Iterator[Journal]:
    """Journals of dead processes, for one store, that it may not have received, and all that are outdated.

    Args:
        notice: called with a line of text about each workspace whose description is damaged.
    """
    for metadata_file in sorted(
        [*work.glob(f"*{suffix}/{METADATA_FILE}"), *work.glob(f"*{suffix}/{OLD_METADATA_FILE}")]
    ):
        if len(metadata_file.parent.name) != HASH_LENGTH + len(suffix):  # for another store
            continue
        metadata = read_metadata(metadata_file)
        if metadata is None:
            if metadata_file.exists():  # else another process has deleted it
                notice(f"{metadata_file} is damaged; {REPAIRED}")
            continue
        with locked_members(work, metadata.training_hash, metadata.seeds, None) as free:
            if not free:  # opening the journal of a live process could cut off what that process is appending
                continue
            journal = Journal(metadata_file.parent)
            if is_outdated(journal) or not journal.is_sent():
                yield journal


def is_outdated(journal: Journal) -> bool:
    """True for a workspace of an older version, which cannot be resumed."""
    return (journal.folder / OLD_METADATA_FILE).exists()
