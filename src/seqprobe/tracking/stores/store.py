"""Where runs are kept: what all stores can do."""

from __future__ import annotations

import contextlib
import logging
import shlex
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqprobe.checks import InvalidValue
from seqprobe.scoring import Tag
from seqprobe.tracking.process_identity import is_alive
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun, stored_run
from seqprobe.tracking.stores.experiment_pages import (
    PAGE,
    add_missing_tags,
    all_pages,
    experiment_tags,
    search_experiments,
)
from seqprobe.tracking.stores.metric_rows import Values, log_through_client

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Store(ABC):
    """A place where MLflow keeps runs."""

    @property
    @abstractmethod
    def uri(self) -> str:
        """The tracking URI that MLflow and its UI take."""

    @property
    def workspace_suffix(self) -> str:
        """What distinguishes the work for this store from that for others in the same folder."""
        return ""

    @abstractmethod
    def check(self) -> None:
        """Refuse a place that cannot be used, before anything is written there.

        Raises:
            InvalidValue: it cannot be used.
        """

    def check_readable(self) -> None:
        """Refuse a place that cannot be read; it need not be writable.

        Raises:
            InvalidValue: it cannot be read.
        """
        self.check()

    def is_writable(self) -> bool:
        """Whether runs can be recorded in it."""
        return True

    def client(self) -> MlflowClient:
        """A client of this store, which is made ready if it is new."""
        return self._client_of(self.uri)

    def _client_of(self, uri: str) -> MlflowClient:
        import mlflow

        logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # it prints what it raises as well
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        return mlflow.MlflowClient(uri)

    def experiment_id(self, name: str, note: str = "", view: Mapping[str, str] | None = None) -> str:
        """The id of the experiment called ``name``, which is created if there is none.

        One that was made without a description or a view, as by an earlier version, gets them.

        Args:
            note: the description on its page, in Markdown.
            view: the tag with its view, of `seqprobe.tracking.stores.shared_view`.

        Raises:
            InvalidValue: it was deleted in MLflow, which keeps its name.
        """
        client, tags = self.client(), experiment_tags(note, view or {})
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            return self._create_experiment(client, name, tags)
        if experiment.lifecycle_stage != "active":
            restore = f"MLFLOW_TRACKING_URI={shlex.quote(self.uri)} mlflow experiments restore"
            allowed = "this experiment was deleted in MLflow; restore it, or choose another task.name; to restore it: "
            raise InvalidValue("task.name", name, f"{allowed}{restore} --experiment-id {experiment.experiment_id}")
        add_missing_tags(client, experiment, tags)
        return str(experiment.experiment_id)

    def _create_experiment(self, client: MlflowClient, name: str, tags: dict[str, str]) -> str:
        return str(client.create_experiment(name, tags=tags))

    def close_dead_runs(self) -> int:
        """Close as KILLED what processes of this machine left RUNNING when they died; how many runs those were."""
        return self.close_runs([run for run in self.running_runs() if not is_alive(run.tags)])

    def running_runs(self) -> list[StoredRun]:
        """Every run that has not ended."""
        return self.search(RunFilter(status="RUNNING"))

    def close_runs(self, runs: Sequence[StoredRun]) -> int:
        """Close runs as KILLED; their number."""
        for run in runs:
            self.client().set_terminated(run.run_id, "KILLED")
        return len(runs)

    def runs_of_attempt(self, attempt: str) -> dict[str, str]:
        """The ids of the runs that an interrupted attempt had opened, by name."""
        return {run.name: run.run_id for run in self.search(RunFilter(tags={Tag.ATTEMPT: attempt}))}

    def search(self, wanted: RunFilter) -> list[StoredRun]:
        """The runs that meet a filter, oldest first, with their params, tags and last metrics."""
        client = self.client()
        condition = wanted.mlflow_text()
        ids = [experiment.experiment_id for experiment in search_experiments(client)]

        def page_of_runs(token: str | None) -> Any:
            return client.search_runs(ids, condition, max_results=PAGE, order_by=["start_time"], page_token=token)

        return [stored_run(run) for run in all_pages(page_of_runs)]

    def artifact(self, run_id: str, path: str) -> bytes | None:
        """The content of a run's artifact, or None where there is none."""
        from mlflow.exceptions import MlflowException

        with tempfile.TemporaryDirectory() as folder:
            try:
                return Path(self.client().download_artifacts(run_id, path, folder)).read_bytes()
            except (MlflowException, OSError):
                return None

    def copy_artifacts(self, run_id: str, path: str, folder: str) -> Path | None:
        """Copy a run's artifact, or a folder of them, into a folder; where it is there, or None if there is none."""
        from mlflow.exceptions import MlflowException

        try:
            return Path(self.client().download_artifacts(run_id, path, folder))
        except (MlflowException, OSError):
            return None

    def artifact_paths(self, run_id: str, folder: str) -> list[str]:
        """The paths of a run's artifacts directly in a folder."""
        return [str(file.path) for file in self.client().list_artifacts(run_id, folder)]

    def remove_artifact(self, run_id: str, path: str) -> None:
        """Delete a run's artifact if there is one; where artifacts cannot be deleted, it stays."""
        from mlflow.exceptions import MlflowException
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        address = str(self.client().get_run(run_id).info.artifact_uri)
        with contextlib.suppress(MlflowException, NotImplementedError, OSError):
            get_artifact_repository(address, tracking_uri=self.uri).delete_artifacts(path)

    def artifact_place(self, run: StoredRun, path: str) -> str:
        """Where a run's artifact is, for people."""
        return f"{path} of run {run.run_id} ({run.name}) in {self.uri}"

    def is_unavailable(self, problem: Exception) -> bool:
        """Whether ``problem`` means that the store is unreachable now, but may be back later."""
        return False

    def describe_absence(self, problem: Exception) -> str:
        """What the store does where ``problem`` means that it is unavailable, after its name in a sentence."""
        return "does not respond"

    @property
    def is_remote(self) -> bool:
        """Whether a request may take so long that a training should not wait for it."""
        return False

    def log_metrics(self, client: MlflowClient, values: Values) -> None:
        """Write metric values of many runs."""
        log_through_client(client, values)

    @abstractmethod
    def ui_command(self) -> str:
        """How to see what is in it: an address, or the command that starts the UI."""
