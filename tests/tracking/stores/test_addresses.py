"""Addresses of artifacts change only in a store that was moved, and never under other processes that use it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from seqprobe.checks import InvalidValue
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore


def locations(store: EmbeddedStore) -> dict[str, str]:
    """The addresses of artifacts by the names of experiments, as the database has them."""
    with closing(sqlite3.connect(store.database)) as connection:
        return dict(connection.execute("select name, artifact_location from experiments where name != 'Default'"))


def moved_store(folder: Path, *names: str) -> EmbeddedStore:
    """A store whose folder was moved after experiments were made."""
    before = EmbeddedStore(str(folder / "before"))
    for name in names:
        before.experiment_id(name)
    return EmbeddedStore(str(before.folder.rename(folder / "now")))


HOLD = """
import sys
from pathlib import Path

from seqprobe.tracking.stores.addresses import lock_as_user

lock_as_user(Path(sys.argv[1]) / "store.users")
print("holds", flush=True)
sys.stdin.read()
"""
"""Use a store until the standard input ends."""


def test_nothing_changes_while_another_process_uses_the_store(tmp_path: Path) -> None:
    store = moved_store(tmp_path, "sine")
    command = [sys.executable, "-c", HOLD, str(store.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        expected = f"tracking.dir={store.folder}: other processes use this store as {tmp_path}/before"
        with pytest.raises(InvalidValue, match=expected):
            store.client()
        assert locations(store) == {"sine": f"{tmp_path}/before/artifacts/sine"}
        process.communicate()
    assert process.returncode == 0
    store.client()
    assert locations(store) == {"sine": f"{store.artifacts}/sine"}


def test_another_path_to_the_same_folder_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = EmbeddedStore(str(tmp_path / "store"))
    store.experiment_id("sine")
    (tmp_path / "link").symlink_to(tmp_path / "store")
    EmbeddedStore(str(tmp_path / "link")).client()
    assert locations(store) == {"sine": f"{store.artifacts}/sine"}
    assert caplog.messages == []


def test_an_experiment_that_was_renamed_is_found_by_its_folder(tmp_path: Path) -> None:
    store = moved_store(tmp_path, "sine", "cosine")
    with closing(sqlite3.connect(store.database)) as connection, connection:
        connection.execute("update experiments set name = 'sine of last week' where name = 'sine'")
        connection.execute("update experiments set artifact_location = 'file://' || artifact_location")
    store.client()
    assert locations(store) == {"sine of last week": f"{store.artifacts}/sine", "cosine": f"{store.artifacts}/cosine"}


def test_reading_changes_nothing(tmp_path: Path) -> None:
    store = moved_store(tmp_path, "sine")
    assert store.search(RunFilter("seed")) == []
    assert locations(store) == {"sine": f"{tmp_path}/before/artifacts/sine"}
