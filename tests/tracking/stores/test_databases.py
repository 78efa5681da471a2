"""A database is read where nothing can be written, and has no write-ahead log on a network."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from scripts import ROOT

from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores import databases
from seqprobe.tracking.stores.databases import choose_journal_mode, connection_to_read, network_file_system
from seqprobe.tracking.stores.embedded import EmbeddedStore

READ_ONLY = 'mount --bind {0} {0} && mount -o remount,ro,bind {0} && exec {1} -c "$PROGRAM" {0}'
"""Shell commands that make a folder read-only for one program, even for root; in namespaces that end with it."""
READING = """
import sys
from pathlib import Path
from seqprobe.tracking.stores.databases import connection_to_read
with connection_to_read(Path(sys.argv[1]) / "mlflow.db") as connection:
    print(connection.execute("select a from t").fetchall())
"""
COMPARING = """
import os, sys
os.chdir(sys.argv[1] + "/..")
import seqprobe
from pathlib import Path
from seqprobe.commands.compare import compare
print(seqprobe.runs(sys.argv[1])["run_id"].nunique())
if __name__ == "__main__":
    compare([f"tracking.dir={sys.argv[1]}", "folder=out", "formats=[csv]", "tasks=[sine]"])
"""


def read_only(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program to which a folder is read-only."""
    script = READ_ONLY.format(folder, sys.executable)
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    if not shutil.which("unshare") or subprocess.run([*command[:3], "true"], capture_output=True).returncode:
        pytest.skip("this system lets no user make a namespace of mounts")
    environment = os.environ | {"PROGRAM": program, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def close(connection: sqlite3.Connection, folder: Path) -> None:
    connection.close()


def leave_log(connection: sqlite3.Connection, folder: Path) -> None:
    """Leave the log, as a process that is killed does."""
    shutil.copytree(folder, folder.with_name("killed"))
    connection.close()
    shutil.rmtree(folder)
    folder.with_name("killed").rename(folder)


def leave_log_alone(connection: sqlite3.Connection, folder: Path) -> None:
    """Leave the log without its index, as a copy may."""
    leave_log(connection, folder)
    (folder / "mlflow.db-shm").unlink()


@pytest.mark.slow
@pytest.mark.parametrize("end", [close, leave_log, leave_log_alone])
def test_all_that_was_written_is_read_in_a_read_only_folder(
    end: Callable[[sqlite3.Connection, Path], None], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    connection = sqlite3.connect(folder / "mlflow.db")
    connection.execute("pragma journal_mode = wal")
    with connection:
        connection.execute("create table t (a)")
        connection.execute("insert into t values (7)")
    end(connection, folder)
    done = read_only(folder, READING)
    assert (done.stdout, done.stderr) == ("[(7,)]\n", "")


@pytest.mark.slow
def test_a_read_only_store_is_compared(tmp_path: Path) -> None:
    with tarfile.open(ROOT / "tests" / "fixtures" / "store_43bda1e.tar.xz") as archive:
        archive.extractall(tmp_path / "store", filter="data")
    done = read_only(tmp_path / "store", COMPARING)
    assert (
        done.stderr == f"sqlite:///{tmp_path}/store/mlflow.db cannot be written: the comparison is not recorded there\n"
    )
    first, second, address = done.stdout.splitlines()
    assert (first, second) == ("6", "Comparison, with differences.csv beside it:")
    assert address.startswith("file://")
    assert address.endswith("/out/scores.csv")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["differences.csv", "scores.csv"]


def test_a_store_that_cannot_be_written_is_read_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EmbeddedStore(str(tmp_path))
    store.experiment_id("sine")
    monkeypatch.setattr("seqprobe.tracking.stores.embedded.writable", lambda folder: False)
    monkeypatch.setattr(EmbeddedStore, "client", lambda store: pytest.fail("it is opened to be written"))
    again = EmbeddedStore(str(tmp_path))
    again.check_readable()
    assert again.search(RunFilter("seed")) == []
    assert again.artifact("0" * 32, "config.yaml") is None
    assert not again.is_writable()


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's folder is a mount of NFS, in a tree of local ones."""
    mounts = {"/": "ext4", str(tmp_path.parent): "tmpfs", str(tmp_path): "nfs4", f"{tmp_path}/other": "ext4"}
    partitions = [SimpleNamespace(mountpoint=mountpoint, fstype=kind) for mountpoint, kind in mounts.items()]
    monkeypatch.setattr(databases.psutil, "disk_partitions", lambda all: partitions)


def journal_mode(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("pragma journal_mode").fetchone()[0])


@pytest.mark.usefixtures("mounted")
def test_a_file_system_is_that_of_the_innermost_mount(tmp_path: Path) -> None:
    assert network_file_system(tmp_path / "deeper") == "nfs4"
    assert network_file_system(tmp_path / "other" / "deeper") is None
    assert network_file_system(tmp_path.parent) is None


@pytest.mark.usefixtures("mounted", "migrated_database")
def test_a_store_on_a_network_has_no_log_and_says_what_it_is_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = EmbeddedStore(str(tmp_path))
    store.client()
    assert journal_mode(store.database) == "delete"
    expected = (
        f"{tmp_path} is on a network file system (nfs4): one machine at a time may use this store. Several machines "
        "share an MLflow server: tracking=server tracking.uri=http://…"
    )
    assert caplog.messages == [expected]
    EmbeddedStore(str(tmp_path)).client()
    assert caplog.messages == [expected]


@pytest.mark.usefixtures("mounted")
def test_a_store_that_was_copied_to_a_network_loses_its_log(tmp_path: Path) -> None:
    EmbeddedStore(str(tmp_path / "other")).client()
    choose_journal_mode(tmp_path / "other" / "mlflow.db")
    shutil.copytree(tmp_path / "other", tmp_path / "store")
    store = EmbeddedStore(str(tmp_path / "store"))
    assert journal_mode(store.database) == "wal"
    store.client()
    assert journal_mode(store.database) == "delete"


@pytest.mark.usefixtures("mounted")
def test_a_log_on_a_network_stays_while_others_use_it(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table t (a)")
        choose_journal_mode(tmp_path / "mlflow.db")
    assert journal_mode(tmp_path / "mlflow.db") == "wal"


def test_a_local_database_has_a_log(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    choose_journal_mode(database)
    assert journal_mode(database) == "wal"


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("text" * 1000)
    with pytest.raises(sqlite3.DatabaseError), connection_to_read(tmp_path / "mlflow.db") as connection:
        connection.execute("select 1 from sqlite_master")
