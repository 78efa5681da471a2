"""Where runs are kept: an embedded store (a folder with mlflow.db and artifacts/) or an MLflow server."""

from __future__ import annotations

import logging
import socket
import sqlite3
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from seqprobe.checks import InvalidValue
from seqprobe.tracking.metrics import Values, has_expected_tables, into_database, through_client

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT_TAGS = {"mlflow.experimentKind": "custom_model_development"}
"""Makes the UI open an experiment as model training, not as GenAI."""


class Store(ABC):
    """A place where MLflow keeps runs."""

    @property
    @abstractmethod
    def uri(self) -> str:
        """The tracking URI that MLflow and its UI take."""

    @abstractmethod
    def check(self) -> None:
        """Refuse a place that cannot be used, before anything is written there.

        Raises:
            InvalidValue: it cannot be used.
        """

    def client(self) -> MlflowClient:
        """A client of this store, which is made ready if it is new."""
        import mlflow

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        mlflow.set_tracking_uri(self.uri)
        return mlflow.MlflowClient(self.uri)

    def experiment_id(self, name: str) -> str:
        """The id of the experiment called ``name``, which is created if there is none."""
        client = self.client()
        found = client.get_experiment_by_name(name)
        return found.experiment_id if found else self._create(client, name)

    def _create(self, client: MlflowClient, name: str) -> str:
        return str(client.create_experiment(name, tags=EXPERIMENT_TAGS))

    def end_runs_of(self, pid: int) -> None:
        """Close as KILLED what a process of this machine left RUNNING when it died."""
        client = self.client()
        wanted = f"attributes.status = 'RUNNING' and tags.`seqprobe.pid` = '{pid}'"
        wanted += f" and tags.`seqprobe.host` = '{socket.gethostname()}'"
        experiments = [experiment.experiment_id for experiment in client.search_experiments()]
        for run in client.search_runs(experiments, wanted, max_results=10_000):
            client.set_terminated(run.info.run_id, "KILLED")

    def log_metrics(self, client: MlflowClient, values: Values) -> None:
        """Write metric values of many runs."""
        through_client(client, values)

    @abstractmethod
    def opening(self) -> str:
        """How to see what is in it: an address, or the command that starts the UI."""


def writable(folder: Path) -> bool:
    """Whether a file can be made in ``folder``; permissions alone do not tell."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


class EmbeddedStore(Store):
    """A folder with ``mlflow.db`` (sqlite) and ``artifacts/``; nothing has to run for it."""

    def __init__(self, dir: str) -> None:
        self.folder = Path(dir).absolute()
        self.database = self.folder / "mlflow.db"

    @property
    def uri(self) -> str:
        return f"sqlite:///{self.database}"

    def check(self) -> None:
        existing = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        if not existing.is_dir() or not writable(existing):
            raise InvalidValue("tracking.dir", self.folder, f"must be a folder that can be written: {existing} is not")
        if self.database.exists() and self.database.stat().st_size and not self._is_mlflow():
            raise InvalidValue(
                "tracking.dir", self.folder, "must hold an MLflow store: its mlflow.db is something else"
            )

    def opening(self) -> str:
        if (self.folder.parent / "Makefile").is_file() and self.folder.name == "mlruns":
            return "make ui"
        command = Path(sys.executable).with_name("mlflow")
        return f"{command} ui --host 127.0.0.1 --workers 1 --backend-store-uri {self.uri}"

    def log_metrics(self, client: MlflowClient, values: Values) -> None:
        if has_expected_tables(self.database):
            into_database(self.database, values)
        else:
            super().log_metrics(client, values)

    def _is_mlflow(self) -> bool:
        try:
            with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
                tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        except sqlite3.DatabaseError:
            return False
        return {"alembic_version", "experiments", "runs"} <= tables

    def client(self) -> MlflowClient:
        with self._lock():  # several processes on a cold database would race in its migrations
            fresh = not self.database.exists()
            client = super().client()
            client.search_experiments(max_results=1)
            if fresh:
                with sqlite3.connect(self.database) as connection:
                    connection.execute("pragma journal_mode = wal")
        return client

    def _create(self, client: MlflowClient, name: str) -> str:
        with self._lock():
            found = client.get_experiment_by_name(name)
            if found:
                return str(found.experiment_id)
            return str(client.create_experiment(name, str(self.folder / "artifacts" / name), EXPERIMENT_TAGS))

    def _lock(self) -> FileLock:
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / "store.lock")


class ServerStore(Store):
    """An MLflow server that others share."""

    def __init__(self, uri: str | None) -> None:
        if not uri or not uri.startswith(("http://", "https://")):
            raise InvalidValue("uri", uri, "must be the http(s) address of an MLflow server")
        self._uri = uri

    @property
    def uri(self) -> str:
        return self._uri

    def opening(self) -> str:
        return self._uri

    def check(self) -> None:
        import requests

        try:
            answered = requests.get(f"{self._uri.rstrip('/')}/health", timeout=10).ok
        except requests.RequestException:
            answered = False
        if not answered:
            raise InvalidValue("tracking.uri", self._uri, "no MLflow server answers there")
