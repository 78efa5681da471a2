"""What processes that died left in a store and beside it: delivered, and closed."""

from __future__ import annotations

import sys
from pathlib import Path

from omegaconf import DictConfig

from seqprobe.checks import single_line
from seqprobe.config.plain import build_store, resolved
from seqprobe.learning.checkpoint import Notice
from seqprobe.run.failure import JobFailed
from seqprobe.run.workspace import left_behind, work_folder
from seqprobe.tracking.finished_runs import can_go_on
from seqprobe.tracking.journal.entries import send_all
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.store import Store


def recover(store: Store, work: Path, notice: Notice) -> int:
    """Deliver what other processes could not, then close as KILLED the runs that dead ones left RUNNING.

    Returns:
        How many journals could not be delivered.
    """
    client, failed = store.client(), 0
    for journal in left_behind(work, store.suffix):
        try:
            if not can_go_on(store, journal):
                notice(f"{journal.folder} is dropped: its runs were deleted")
                journal.remove()
                continue
            send_all(journal, store, client)
        except Exception as problem:
            notice(f"{journal.folder} cannot be delivered to {store.uri}: {single_line(problem)}")
            failed += 1
        else:
            delivered(journal)
    closed = store.close_dead_runs()
    if closed:
        notice(f"{closed} runs of processes that died are closed as KILLED; the same commands go on with them")
    return failed


def delivered(journal: Journal) -> None:
    """Leave a journal as the next process needs it: not at all, if its runs have ended well."""
    ends = [entry["status"] for entry in journal.entries() if entry["kind"] == "end"]
    if ends[-1:] == ["FINISHED"]:
        journal.remove()
    else:
        journal.mark_sent()


def deliver(config: DictConfig) -> float:
    """Deliver what is kept for the store that the config names; how many journals are left.

    Raises:
        JobFailed: some are left.
    """
    plain = resolved(config)
    store = build_store(plain)
    left = recover(store, work_folder(plain), lambda words: print(words, file=sys.stderr))
    if left:
        raise JobFailed(f"{left} populations could not be delivered to {store.uri}")
    print(f"everything is delivered to {store.uri}")
    return 0.0
