"""The embedded store: a folder with mlflow.db (sqlite) and artifacts/."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from seqprobe.checks import InvalidValue, user_path
from seqprobe.tracking.leases.lease_time import LEASE_SECONDS, checked_lease
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.addresses import open_addresses
from seqprobe.tracking.stores.artifact_folders import ArtifactFolders
from seqprobe.tracking.stores.database_version import version_fault
from seqprobe.tracking.stores.databases import choose_journal_mode, connection_to_read, has_log_on_network
from seqprobe.tracking.stores.experiment_pages import MLFLOWS_OWN, NOTE, experiment_tags
from seqprobe.tracking.stores.experiment_queries import query_experiment, query_experiment_tags
from seqprobe.tracking.stores.metric_rows import Value, Values, has_expected_tables, insert_into_database
from seqprobe.tracking.stores.run_queries import add_indexes, query_runs, recorded_values
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from mlflow import MlflowClient


LONGEST_FOLDER = 470
"""Bytes in a store's path: SQLite opens no file whose path has more than 512."""


def writable(folder: Path) -> bool:
    """Whether a file can be made in ``folder``; permissions alone do not decide it."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


class EmbeddedStore(ArtifactFolders, Store):
    """A folder with ``mlflow.db`` (sqlite) and ``artifacts/``; nothing has to run for it."""

    def __init__(self, dir: str, lease_seconds: float = LEASE_SECONDS) -> None:
        self.lease_seconds = checked_lease(lease_seconds)
        self.folder = user_path("dir", dir)
        if len(os.fsencode(self.folder)) > LONGEST_FOLDER:
            raise InvalidValue("dir", dir, f"is too long: SQLite takes at most {LONGEST_FOLDER} bytes")
        if set(str(self.folder)) & set("%?"):  # MLflow makes further folders where a URI would escape them
            raise InvalidValue("dir", dir, "must be a path without % and ?: MLflow takes them for parts of an address")
        self.database, self.artifacts = self.folder / "mlflow.db", self.folder / "artifacts"
        self._ready = False

    @property
    def uri(self) -> str:
        return f"sqlite:///{self.database}"

    def check(self) -> None:
        existing = self._existing_folder()
        if not existing.is_dir() or not writable(existing):
            raise InvalidValue("tracking.dir", self.folder, f"must be a folder that can be written: {existing} is not")
        if self.artifacts.exists() and not (self.artifacts.is_dir() and writable(self.artifacts)):
            raise InvalidValue("tracking.dir", self.folder, "must have a writable folder artifacts/")
        self._check_database()

    def check_readable(self) -> None:
        existing = self._existing_folder()
        if not existing.is_dir():
            raise InvalidValue("tracking.dir", self.folder, f"must be a folder: {existing} is not")
        if not self.database.exists() or not self.database.stat().st_size:  # opening it would make one
            raise InvalidValue("tracking.dir", self.folder, "there is no store in this folder: training makes one")
        self._check_database()

    def is_writable(self) -> bool:
        return writable(self._existing_folder())

    def _existing_folder(self) -> Path:
        return next(path for path in (self.folder, *self.folder.parents) if path.exists())

    def _check_database(self) -> None:
        if not self.database.exists() or not self.database.stat().st_size:
            return
        if not self._is_mlflow():
            raise InvalidValue(
                "tracking.dir", self.folder, "must hold an MLflow store: its mlflow.db is another kind of file"
            )
        if fault := version_fault(self.database):
            raise InvalidValue("tracking.dir", self.folder, fault)

    def ui_command(self) -> str:
        if (self.folder.parent / "Makefile").is_file() and self.folder.name == "mlruns":
            return "make ui"
        return f"seqprobe ui tracking.dir={self.folder}"

    def is_unavailable(self, problem: Exception) -> bool:
        return "database is locked" in str(problem)  # by another process, for longer than anybody waits

    def experiment_id(self, name: str, note: str = "", view: Mapping[str, str] | None = None) -> str:
        with suppress(sqlite3.Error):  # no database yet, or another MLflow's tables
            known = query_experiment(self.database, name)
            if known is not None and experiment_tags(note, view or {}).keys() <= known.tags.keys():
                return known.experiment_id
        return super().experiment_id(name, note, view)

    def tags_of_experiment(self, experiment: str) -> Mapping[str, str]:
        try:
            return query_experiment_tags(self.database, experiment)
        except sqlite3.Error:
            return super().tags_of_experiment(experiment)

    def log_metrics(self, client: MlflowClient, values: Values) -> None:
        if has_expected_tables(self.database):
            insert_into_database(self.database, values)
        else:
            super().log_metrics(client, values)

    def search(self, wanted: RunFilter) -> list[StoredRun]:
        if not self.database.exists():
            return []
        try:
            return query_runs(self.database, wanted)
        except sqlite3.OperationalError:  # another MLflow's tables
            return super().search(wanted)

    def metric_values(self, run_id: str) -> list[Value]:
        if has_expected_tables(self.database):
            return recorded_values(self.database, run_id)
        return super().metric_values(run_id)

    def _is_mlflow(self) -> bool:
        try:
            with connection_to_read(self.database) as connection:
                tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        except sqlite3.DatabaseError:
            return False
        return {"alembic_version", "experiments", "runs"} <= tables

    def client(self) -> MlflowClient:
        if self._ready and self.database.exists():
            return super().client()
        with self._lock():  # several processes on a cold database would race in its migrations
            if not self.database.exists() or not self.database.stat().st_size:
                self._create_database()
            elif has_log_on_network(self.database):
                choose_journal_mode(self.database)
            client = super().client()
            client.search_experiments(max_results=1)
            open_addresses(self.database, self.artifacts)
            with suppress(sqlite3.Error):  # searches take longer without
                add_indexes(self.database)
        self._ready = True
        return client

    def _create_database(self) -> None:
        """Make the database, under another name until it is whole."""
        partial = self.folder / ".mlflow.db.partial"
        for left in self.folder.glob(f"{partial.name}*"):  # by a process that died here
            left.unlink()
        client = self._client_of(f"sqlite:///{partial}")
        client.set_experiment_tag(MLFLOWS_OWN, NOTE, "Empty: MLflow makes it in every store.")
        choose_journal_mode(partial)
        os.replace(partial, self.database)
        for left in self.folder.glob(f"{partial.name}*"):
            left.unlink()

    def _create_experiment(self, client: MlflowClient, name: str, tags: dict[str, str]) -> str:
        with self._lock():
            experiment = client.get_experiment_by_name(name)
            if experiment:
                return str(experiment.experiment_id)
            (self.artifacts / name).mkdir(parents=True, exist_ok=True)  # a copy of the store is known by its folders
            return str(client.create_experiment(name, str(self.artifacts / name), tags))

    def _lock(self) -> FileLock:
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / "store.lock")
