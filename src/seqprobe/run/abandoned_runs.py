"""Close abandoned runs: their process is dead, or no process holds the lock of their workspace here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqprobe.run.member_locks import locked_members
from seqprobe.run.workspace import METADATA_FILE, read_metadata
from seqprobe.scoring import Tag
from seqprobe.tracking.process_identity import is_alive
from seqprobe.tracking.stores.store import Store


def close_abandoned_runs(store: Store, work: Path) -> int:
    """Close abandoned runs as KILLED, and return their number.

    A process number cannot identify a process of another container, or of an earlier boot of the machine. The lock of
    a workspace can show that its holder ended, wherever on this machine that was: it is then released. Of a holder on
    another machine the lease shows that it may go on.
    """
    running = store.running_runs()
    closed = store.close_runs([run for run in running if not is_alive(run.tags)])
    attempts = {run.tags[Tag.ATTEMPT] for run in running if Tag.ATTEMPT in run.tags and is_alive(run.tags)}
    if not attempts:
        return closed
    for attempt, metadata_file in workspaces(work, store.workspace_suffix):
        if attempt not in attempts:
            continue
        metadata = read_metadata(metadata_file)
        if metadata is None:  # another process is deleting it, or it is damaged
            continue
        with locked_members(work, metadata.training_hash, metadata.seeds, None) as free:
            if free:
                closed += store.close_runs(
                    [run for run in store.running_runs() if run.tags.get(Tag.ATTEMPT) == attempt]
                )
    return closed


def workspaces(work: Path, suffix: str) -> Iterator[tuple[str, Path]]:
    """The attempt and the description of every workspace for one store."""
    for path in sorted(work.glob(f"*{suffix}/attempt")):
        try:
            yield path.read_text(), path.with_name(METADATA_FILE)
        except (OSError, ValueError):
            continue
