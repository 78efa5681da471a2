"""The artifacts of a store's runs: reading, sending and removing them."""

from __future__ import annotations

import contextlib
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from seqprobe.tracking.stored_runs import StoredRun

if TYPE_CHECKING:
    from mlflow import MlflowClient


class StoreArtifacts(ABC):
    """What a store does with files, by MLflow's requests."""

    @property
    @abstractmethod
    def uri(self) -> str:
        """The tracking URI that MLflow and its UI take."""

    @abstractmethod
    def client(self) -> MlflowClient:
        """A client of this store, which is made ready if it is new."""

    def is_writable(self) -> bool:
        """Whether runs can be recorded in it."""
        return True

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

    @contextlib.contextmanager
    def artifact_tree(self, run_id: str) -> Iterator[Path]:
        """A folder with all artifacts of a run, which may be a copy; nothing may be changed in it."""
        with tempfile.TemporaryDirectory() as folder:
            if self.client().list_artifacts(run_id):
                self.client().download_artifacts(run_id, "", folder)
            yield Path(folder)

    def log_files(self, client: MlflowClient, run_id: str, folder: Path, paths: Sequence[str]) -> None:
        """Send files in a folder as artifacts of a run, by their paths in it."""
        for path in paths:
            parent = str(PurePosixPath(path).parent)
            client.log_artifact(run_id, str(folder / path), None if parent == "." else parent)

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
