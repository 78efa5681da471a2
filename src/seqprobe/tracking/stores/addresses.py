"""The addresses of artifacts in an embedded store, which MLflow keeps as absolute paths, after its folder was moved."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from seqprobe.checks import InvalidValue
from seqprobe.tracking.stores.metric_rows import BUSY_SECONDS

USERS = "store.users"
"""The file that every process with an open store holds a shared lock on; a copy of the store has a file of its own."""
_user_locks: dict[tuple[int, int], int] = {}
"""The descriptors of this process's locks, by device and inode; they are held until it ends."""


class Move(NamedTuple):
    """An experiment whose artifacts are no longer at the address in the database."""

    experiment: int
    before: str
    now: str


def open_addresses(database: Path, artifacts: Path) -> None:
    """Update the addresses in a store that was moved or copied, and let no other process do so while this one lives.

    An address is changed only where its artifacts are in the folder as it is now. In a container, the folder of
    processes outside has another path: while any of them has the store open, the addresses stay as they are.

    Raises:
        InvalidValue: the addresses are of another path, at which other processes use the store now.
    """
    descriptor = lock_as_user(database.parent / USERS)
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection, connection:
        if not moves(connection, artifacts):
            return
        if not try_lock(descriptor, fcntl.LOCK_EX):
            before = Path(moves(connection, artifacts)[0].before).parents[1]
            allowed = f"other processes use this store as {before}: use that path, or wait until they have ended"
            raise InvalidValue("tracking.dir", database.parent, allowed)
        try:
            connection.execute("begin immediate")
            update_addresses(connection, moves(connection, artifacts))
        finally:
            try_lock(descriptor, fcntl.LOCK_SH)


def lock_as_user(path: Path) -> int:
    """Hold a shared lock on a file until this process ends; its descriptor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    status = os.fstat(descriptor)
    held = _user_locks.setdefault((status.st_dev, status.st_ino), descriptor)
    if held != descriptor:
        os.close(descriptor)
    else:
        try_lock(held, fcntl.LOCK_SH)
    return held


def try_lock(descriptor: int, kind: int) -> bool:
    """Change the lock on a file without waiting; whether that was possible. Some file systems have no locks."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def moves(connection: sqlite3.Connection, artifacts: Path) -> list[Move]:
    """The experiments whose artifacts are in ``artifacts``, but have addresses in another folder."""
    rows = connection.execute("select experiment_id, artifact_location from experiments").fetchall()
    found = []
    for experiment, location in rows:
        before = Path(str(location).removeprefix("file://"))
        now = artifacts / before.name
        if before.parent.name == artifacts.name and now.is_dir() and not is_same(before, now):
            found.append(Move(experiment, str(location), str(now)))
    return found


def is_same(first: Path, second: Path) -> bool:
    """Whether two paths lead to one folder, as with links."""
    return first == second or (first.exists() and first.samefile(second))


def update_addresses(connection: sqlite3.Connection, moved: Sequence[Move]) -> None:
    """Change the addresses of experiments and of their runs, and log a line about it."""
    for experiment, before, now in moved:
        connection.execute("update experiments set artifact_location = ? where experiment_id = ?", (now, experiment))
        connection.execute(
            "update runs set artifact_uri = ? || substr(artifact_uri, ?)"
            " where experiment_id = ? and substr(artifact_uri, 1, ?) = ?",
            (now, len(before) + 1, experiment, len(before) + 1, f"{before}/"),
        )
    if moved:
        old, new = (Path(path).parents[1] for path in (moved[0].before, moved[0].now))
        logging.getLogger("seqprobe").warning(
            "The store was moved or copied from %s to %s: updated the addresses of the artifacts of %d experiments.",
            old,
            new,
            len(moved),
        )
