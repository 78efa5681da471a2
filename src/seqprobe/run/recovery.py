"""Deliver the records that dead processes could not, and close the runs that they left RUNNING."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from seqprobe.checks import single_line
from seqprobe.learning.recorder import Notice
from seqprobe.run.member_locks import locked_members
from seqprobe.run.workspace import METADATA_FILE
from seqprobe.tracking.journal.entries import all_runs_exist, send_all
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.store import Store

HASH_LENGTH = 16
"""Length of the identity's hash, with which a workspace's name begins; the store's suffix follows."""
OLD_METADATA_FILE = "cell.json"
"""The name of `METADATA_FILE` in versions whose workspaces this one cannot resume."""


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


def unattended_journals(work: Path, suffix: str) -> Iterator[Journal]:
    """Journals of dead processes, for one store, that it may not have received, and all that are outdated."""
    for metadata_file in sorted(
        [*work.glob(f"*{suffix}/{METADATA_FILE}"), *work.glob(f"*{suffix}/{OLD_METADATA_FILE}")]
    ):
        if len(metadata_file.parent.name) != HASH_LENGTH + len(suffix):  # for another store
            continue
        try:
            content = json.loads(metadata_file.read_text())
            training_hash, seeds = str(content["training"]), [int(seed) for seed in content["seeds"]]
        except (OSError, ValueError, KeyError, TypeError):  # another process is deleting it, or it is damaged
            continue
        with locked_members(work, training_hash, seeds, None) as free:
            if not free:  # opening the journal of a live process could cut off what that process is appending
                continue
            journal = Journal(metadata_file.parent)
            if is_outdated(journal) or not journal.is_sent():
                yield journal


def is_outdated(journal: Journal) -> bool:
    """True for a workspace of an older version, which cannot be resumed."""
    return (journal.folder / OLD_METADATA_FILE).exists()
