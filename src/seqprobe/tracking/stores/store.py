"""Where runs are kept: what all stores can do."""

from __future__ import annotations

import logging
import shlex
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqprobe.checks import InvalidValue
from seqprobe.scoring import Tag
from seqprobe.tracking.leases.lease_time import LEASE_SECONDS
from seqprobe.tracking.process_identity import is_alive
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun, original_value, stored_run
from seqprobe.tracking.stores.batch_requests import BatchRequests
from seqprobe.tracking.stores.experiment_pages import (
    PAGE,
    add_missing_tags,
    all_pages,
    experiment_tags,
    search_experiments,
)
from seqprobe.tracking.stores.metric_rows import Value, Values, log_through_client
from seqprobe.tracking.stores.store_artifacts import StoreArtifacts

if TYPE_CHECKING:
    from mlflow import MlflowClient


EXISTS_ALREADY = "RESOURCE_ALREADY_EXISTS"
"""MLflow's error code for a name that is taken."""


class Store(StoreArtifacts):
    """A place where MLflow keeps runs.

    Attributes:
        lease_seconds: the time of a lease on members that are trained for it.
        batch_bytes: how much is sent at once, joined by run; 0 sends one record after the other.
        batch_requests: if it is a server of seqprobe's, what it answers besides MLflow's requests.
    """

    lease_seconds: float = LEASE_SECONDS
    batch_bytes = 0
    batch_requests: BatchRequests | None = None

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

    def client(self) -> MlflowClient:
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
        from mlflow.exceptions import MlflowException

        client, tags = self.client(), experiment_tags(note, view or {})
        experiment = self._experiment_named(name)
        if experiment is None:
            try:
                return self._create_experiment(client, name, tags)
            except MlflowException as problem:
                if problem.error_code != EXISTS_ALREADY:
                    raise
            experiment = client.get_experiment_by_name(name)  # another process was faster
        if experiment.lifecycle_stage != "active":
            restore = f"MLFLOW_TRACKING_URI={shlex.quote(self.uri)} mlflow experiments restore"
            allowed = "this experiment was deleted in MLflow; restore it, or choose another task.name; to restore it: "
            raise InvalidValue("task.name", name, f"{allowed}{restore} --experiment-id {experiment.experiment_id}")
        add_missing_tags(client, experiment, tags)
        return str(experiment.experiment_id)

    def refresh(self) -> None:
        """Forget what was read: others may have changed it since."""

    def _experiments(self) -> Sequence[Any]:
        """All experiments that are not deleted, as MLflow returns them."""
        return search_experiments(self.client())

    def _experiment_named(self, name: str) -> Any:
        """An experiment, also if it is deleted; None if there is none."""
        return self.client().get_experiment_by_name(name)

    def _create_experiment(self, client: MlflowClient, name: str, tags: dict[str, str]) -> str:
        return str(client.create_experiment(name, tags=tags))

    def tags_of_experiment(self, experiment: str) -> Mapping[str, str]:
        """The tags of the experiment with an id."""
        tags: Mapping[str, str] = self.client().get_experiment(experiment).tags
        return tags

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
        ids = [experiment.experiment_id for experiment in self._experiments()]

        def page_of_runs(token: str | None) -> Any:
            return client.search_runs(ids, condition, max_results=PAGE, order_by=["start_time"], page_token=token)

        return [stored_run(run) for run in all_pages(page_of_runs)]

    def metric_values(self, run_id: str) -> list[Value]:
        """Every value of every metric of a run."""
        client = self.client()
        histories = [client.get_metric_history(run_id, name) for name in client.get_run(run_id).data.metrics]
        return [
            Value(str(row.key), original_value(row.value), int(row.timestamp), int(row.step))
            for history in histories
            for row in history
        ]

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
