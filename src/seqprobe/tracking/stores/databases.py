"""An embedded store's SQLite database: reading it where nothing can be written, and its place on a network."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil

from seqprobe.tracking.stores.metric_rows import BUSY_SECONDS

NETWORK = ("nfs", "cifs", "smb", "afp", "ceph", "gluster", "lustre", "gpfs", "beegfs", "fuse.sshfs", "afs")
"""How the names of file systems begin whose files several machines use."""


@contextmanager
def connection_to_read(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection to read by, for which nothing has to be writable.

    SQLite needs a file beside a database with a write-ahead log, which cannot be made in a read-only folder. There, a
    database whose log is empty is read without it, and one with a log (its last user was killed) from a copy.

    Raises:
        sqlite3.DatabaseError: it cannot be read.
    """
    uri = database.absolute().as_uri()
    with closing(sqlite3.connect(f"{uri}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as connection:
        if can_read(connection):
            yield connection
            return
    log = database.with_name(f"{database.name}-wal")
    if not log.exists() or not log.stat().st_size:
        with closing(sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)) as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory() as folder:
        for path in (database, log):
            shutil.copyfile(path, Path(folder) / path.name)
        with closing(sqlite3.connect(Path(folder) / database.name)) as connection:
            yield connection


def can_read(connection: sqlite3.Connection) -> bool:
    """Whether SQLite could open the database with the files that it needs beside it."""
    try:
        connection.execute("select 1 from sqlite_master").fetchone()
    except sqlite3.OperationalError as problem:
        if "unable to open" in str(problem):
            return False
        raise
    return True


def network_file_system(folder: Path) -> str | None:
    """The name of the file system that a folder is on, if several machines may use its files; else None."""
    place = folder.resolve()
    mounts = {
        Path(partition.mountpoint): partition.fstype
        for partition in psutil.disk_partitions(all=True)
        if place.is_relative_to(partition.mountpoint)
    }
    kind = mounts[max(mounts, key=lambda path: len(path.parts))] if mounts else ""
    return kind if kind.startswith(NETWORK) else None


def choose_journal_mode(database: Path) -> None:
    """Give a database a write-ahead log, or none on a network, where the log's shared memory would not be shared."""
    file_system = network_file_system(database.parent)
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as connection:
        if file_system is None:
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma wal_checkpoint(truncate)")
            return
        with suppress(sqlite3.OperationalError):  # other processes use it now; a later command changes it
            connection.execute("pragma journal_mode = delete")
    logging.getLogger("seqprobe").warning(
        "%s is on a network file system (%s): one machine at a time may use this store. Several machines share an "
        "MLflow server: tracking=server tracking.uri=http://…",
        database.parent,
        file_system,
    )


def has_log_on_network(database: Path) -> bool:
    """Whether a database with a write-ahead log is on a network, as one that was copied there."""
    if network_file_system(database.parent) is None:
        return False
    with connection_to_read(database) as connection:
        return bool(connection.execute("pragma journal_mode").fetchone()[0] == "wal")
