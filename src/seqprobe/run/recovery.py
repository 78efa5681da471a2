"""What processes that died left in a store and beside it: delivered, and closed."""

from __future__ import annotations

import sys
from pathlib import Path

from omegaconf import DictConfig

from seqprobe.checks import squeezed
from seqprobe.config.plain import build_store, resolved
from seqprobe.learning.checkpoint import Notice
from seqprobe.run.cell import left_behind, work_folder
from seqprobe.run.failure import JobFailed
from seqprobe.tracking.earlier import can_go_on
from seqprobe.tracking.entries import send_all
from seqprobe.tracking.spool import Spool
from seqprobe.tracking.store import Store


def recover(store: Store, work: Path, notice: Notice) -> int:
    """Deliver what other processes could not, then close as KILLED the runs that dead ones left RUNNING.

    Returns:
        How many spools could not be delivered.
    """
    client, failed = store.client(), 0
    for spool in left_behind(work, store.suffix):
        try:
            if not can_go_on(store, spool):
                notice(f"{spool.folder} is dropped: its runs were deleted")
                spool.remove()
                continue
            send_all(spool, store, client)
        except Exception as problem:
            notice(f"{spool.folder} cannot be delivered to {store.uri}: {squeezed(problem)}")
            failed += 1
        else:
            delivered(spool)
    closed = store.close_dead_runs()
    if closed:
        notice(f"{closed} runs of processes that died are closed as KILLED; the same commands go on with them")
    return failed


def delivered(spool: Spool) -> None:
    """Leave a spool as the next process needs it: not at all, if its runs have ended well."""
    ends = [entry["status"] for entry in spool.entries() if entry["kind"] == "end"]
    if ends[-1:] == ["FINISHED"]:
        spool.remove()
    else:
        spool.mark_sent()


def deliver(config: DictConfig) -> float:
    """Deliver what is kept for the store that the config names; how many spools are left.

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
