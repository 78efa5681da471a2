"""Sending many entries of a journal at once: to a server of seqprobe in one request, to others in parallel."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from seqprobe.tracking.journal.entry_lines import Entry
from seqprobe.tracking.journal.run_batches import RunBatch, joined_entries
from seqprobe.tracking.stores.metric_rows import BATCH, Value

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from seqprobe.tracking.stores.store import Store

CONNECTIONS = 8
"""Requests at the same time."""
NAMES = 100
"""Most params, and most tags, in one request: MLflow's own limit."""
ENTRIES = "entries.json"
"""The name in an archive of the entries; beside it are their folders of files."""
T = TypeVar("T")


class RunWriter(Protocol):
    """What is needed of an MLflow client."""

    def log_batch(self, run_id: str, metrics: Sequence[Any], params: Sequence[Any], tags: Sequence[Any]) -> object:
        """Write values, params and tags, `BATCH` at most."""

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag away."""

    def get_run(self, run_id: str) -> Any:
        """The run, with its tags."""

    def set_terminated(self, run_id: str, status: str | None, end_time: int | None) -> None:
        """End a run."""

    def log_artifact(self, run_id: str, local_path: str, artifact_path: str | None) -> None:
        """Send a file."""


def send_batch(entries: Sequence[Entry], files: Path, store: Store, client: MlflowClient) -> None:
    """Send entries with their files to a server."""
    if store.batch_requests is not None:
        store.batch_requests.send_archive(to_archive(entries, files))
    else:
        write_entries(entries, files, client, store.remove_artifact, CONNECTIONS)


def write_entries(
    entries: Iterable[Entry], files: Path, writer: RunWriter, remove: Callable[[str, str], None], connections: int = 1
) -> None:
    """Write entries, joined by run; of runs that end, the last one ends when all else is written.

    Args:
        files: the folder of the entries' folders of files; those that are missing were sent before.
        remove: takes an artifact of a run away, by its path.
        connections: how many requests go on at the same time.
    """
    with ThreadPoolExecutor(connections) as pool:

        def call_all(function: Callable[[T], object], arguments: Iterable[T]) -> None:
            for _ in pool.map(function, arguments):
                pass

        for batches in joined_entries(entries):
            uploads = [list(artifact_files(batch, files)) for batch in batches]
            send_file = FileSender(writer)
            call_all(send_file, [paths[0] for paths in uploads if paths])  # a client looks up each run once
            call_all(send_file, chain.from_iterable(paths[1:] for paths in uploads))
            for batch in batches:
                for path in batch.lacks_files:
                    remove(batch.run, path)
            call_all(lambda batch: write_values(batch, writer), batches)
            ended = [batch for batch in batches if batch.end is not None]
            call_all(lambda batch: writer.set_terminated(batch.run, *batch.end or (None, None)), ended[:-1])
            call_all(lambda batch: writer.set_terminated(batch.run, *batch.end or (None, None)), ended[-1:])


class FileSender:
    """Sends a file by its run, its path and its artifact's folder."""

    def __init__(self, writer: RunWriter) -> None:
        self._writer = writer

    def __call__(self, file: tuple[str, Path, str | None]) -> None:
        run, path, folder = file
        self._writer.log_artifact(run, str(path), folder)


def artifact_files(batch: RunBatch, files: Path) -> Iterator[tuple[str, Path, str | None]]:
    """The run, the path and the artifact's folder of every file of a batch; of one that is sent twice, the last."""
    last: dict[str, Path] = {}
    for name in batch.folders:
        folder = files / name
        last |= {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for artifact, path in last.items():
        parent = str(PurePosixPath(artifact).parent)
        yield batch.run, path, None if parent == "." else parent


def write_values(batch: RunBatch, writer: RunWriter) -> None:
    """Write the values, params and tags of a run, in one request if MLflow's limits allow."""
    from mlflow.entities import Metric, Param, RunTag

    values = list[Value](batch.values)
    params = [Param(name, value) for name, value in batch.params.items()]
    tags = [RunTag(name, value) for name, value in batch.tags.items()]
    while values or params or tags:
        room = BATCH - len(params[:NAMES]) - len(tags[:NAMES])
        metrics = [Metric(*value) for value in values[:room]]
        writer.log_batch(batch.run, metrics=metrics, params=params[:NAMES], tags=tags[:NAMES])
        values, params, tags = values[room:], params[NAMES:], tags[NAMES:]
    present = writer.get_run(batch.run).data.tags if batch.lacks_tags else {}
    for name in set(batch.lacks_tags) & set(present):
        writer.delete_tag(batch.run, name)


def to_archive(entries: Sequence[Entry], files: Path) -> bytes:
    """Entries and their files as an archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(ENTRIES, json.dumps(list(entries)))
        for folder in {entry["folder"] for entry in entries if entry["kind"] == "files"}:
            for path in (files / folder).rglob("*"):
                if path.is_file():
                    archive.write(path, path.relative_to(files).as_posix())
    return content.getvalue()
