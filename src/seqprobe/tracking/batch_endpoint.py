"""What a server of seqprobe takes besides MLflow's requests: many runs or records in one, written as MLflow would."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlflow.entities import RunStatus, RunTag
from mlflow.server import handlers
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from seqprobe.scoring import Tag
from seqprobe.tracking.journal.batch_delivery import ENTRIES, write_entries

PROXIED, USER = "mlflow-artifacts:/", "mlflow.user"


class ServersRuns:
    """Writes to the store and the artifacts of the server in whose process it is; see `RunWriter`."""

    def __init__(self) -> None:
        self._store: Any = handlers._get_tracking_store()
        self._artifacts: dict[str, str] = {}

    def log_batch(self, run_id: str, metrics: Sequence[Any], params: Sequence[Any], tags: Sequence[Any]) -> None:
        self._store.log_batch(run_id, metrics, params, tags)

    def delete_tag(self, run_id: str, key: str) -> None:
        self._store.delete_tag(run_id, key)

    def get_run(self, run_id: str) -> Any:
        return self._store.get_run(run_id)

    def set_terminated(self, run_id: str, status: str | None, end_time: int | None) -> None:
        self._store.update_run_info(run_id, RunStatus.from_string(str(status)), end_time, None)

    def log_artifact(self, run_id: str, local_path: str, artifact_path: str | None) -> None:
        repository, folder = self._place(run_id)
        repository.log_artifact(local_path, "/".join(filter(None, [folder, artifact_path])) or None)

    def remove_artifact(self, run_id: str, path: str) -> None:
        """Take an artifact away, if it is there."""
        repository, folder = self._place(run_id)
        repository.delete_artifacts("/".join(filter(None, [folder, path])))

    def _place(self, run_id: str) -> tuple[Any, str]:
        """The artifacts' repository, and the folder in it of a run."""
        if run_id not in self._artifacts:
            self._artifacts[run_id] = str(self._store.get_run(run_id).info.artifact_uri)
        address = self._artifacts[run_id]
        if address.startswith(PROXIED):
            return handlers._get_artifact_repo_mlflow_artifacts(), address.removeprefix(PROXIED)
        return get_artifact_repository(address), ""


def write_archive(content: bytes) -> None:
    """Write the entries of an archive of `seqprobe.tracking.journal.batch_delivery.to_archive`."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = json.loads(archive.read(ENTRIES))
        archive.extractall(folder)  # takes no paths that lead out of the folder
        runs = ServersRuns()
        write_entries(entries, Path(folder), runs, runs.remove_artifact)


def create_runs(experiment: str, runs: Sequence[Mapping[str, Any]], parent: str | None) -> list[str]:
    """Open runs below ``parent``, or without one the first of them, and the others below it; their ids.

    Args:
        runs: the name, the tags and the start of each.
    """
    ids = list[str]()
    for run in runs:
        below = parent or next(iter(ids), None)
        tags = run["tags"] | ({} if below is None else {Tag.PARENT: below})
        user, all_tags = tags.get(USER, "unknown"), [RunTag(name, value) for name, value in tags.items()]
        created = handlers._get_tracking_store().create_run(experiment, user, run["started"], all_tags, run["name"])
        ids.append(str(created.info.run_id))
    return ids
