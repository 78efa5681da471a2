"""The artifacts of an embedded store's runs, which are files in a folder for each run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store_artifacts import StoreArtifacts


class ArtifactFolders(StoreArtifacts):
    """What an embedded store does with files, without MLflow.

    Attributes:
        artifacts: the folder of all of them.
    """

    artifacts: Path

    def artifact(self, run_id: str, path: str) -> bytes | None:
        file = self._artifact_file(run_id, path)
        if file is not None:
            return file.read_bytes()
        return super().artifact(run_id, path) if self._is_elsewhere(run_id) else None

    def copy_artifacts(self, run_id: str, path: str, folder: str) -> Path | None:
        there = self._artifact_file(run_id, path)
        if there is not None and there.is_dir():
            return Path(shutil.copytree(there, Path(folder) / path))
        return super().copy_artifacts(run_id, path, folder) if self._is_elsewhere(run_id) else None

    @contextmanager
    def artifact_tree(self, run_id: str) -> Iterator[Path]:
        folder = self._artifact_file(run_id, "")
        if folder is not None:
            yield folder
        elif self._is_elsewhere(run_id):
            with super().artifact_tree(run_id) as copy:
                yield copy
        else:
            with tempfile.TemporaryDirectory() as empty:
                yield Path(empty)

    def _is_elsewhere(self, run_id: str) -> bool:
        """Whether a run's artifacts may be where only MLflow knows; asking it takes a store that can be written."""
        return self.is_writable() and not any(self.artifacts.glob(f"*/{run_id}/artifacts"))

    def remove_artifact(self, run_id: str, path: str) -> None:
        file = self._artifact_file(run_id, path)
        if file is not None:
            file.unlink(missing_ok=True)

    def _artifact_file(self, run_id: str, path: str) -> Path | None:
        return next(self.artifacts.glob(f"*/{run_id}/artifacts/{path}"), None)

    def artifact_place(self, run: StoredRun, path: str) -> str:
        file = self._artifact_file(run.run_id, path)
        return super().artifact_place(run, path) if file is None else str(file)
