"""The kinds of a journal's entries, and how each is sent to a store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqprobe.failure import JobFailed
from seqprobe.tracking.journal.batch_delivery import send_batch
from seqprobe.tracking.journal.entry_files import files_digest
from seqprobe.tracking.journal.entry_lines import Entry
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.stores.metric_rows import Value, Values

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from seqprobe.tracking.stores.store import Store


KEYS = {
    "metrics": {"values"},
    "params": {"runs", "params"},
    "tags": {"run", "tags"},
    "files": {"run", "folder"},
    "removal": {"run", "path"},
    "end": {"runs", "status", "time"},
}
"""What an entry has beside its kind."""


def metrics(values: Values) -> Entry:
    """Metric values by run."""
    return {"kind": "metrics", "values": values}


def params(runs: Sequence[str], shared: Mapping[str, object]) -> Entry:
    """Params that all ``runs`` have; those without a value are left out."""
    texts = {name: str(value) for name, value in shared.items() if value is not None}
    return {"kind": "params", "runs": list(runs), "params": texts}


def tags(run: str, values: Mapping[str, str | None]) -> Entry:
    """Tags of a run; None takes a tag away."""
    return {"kind": "tags", "run": run, "tags": dict(values)}


def files(run: str, folder: str) -> Entry:
    """Artifacts of a run: the files that the journal keeps in ``folder``."""
    return {"kind": "files", "run": run, "folder": folder}


def removal(run: str, path: str) -> Entry:
    """The removal of an artifact of a run."""
    return {"kind": "removal", "run": run, "path": path}


def end(runs: Sequence[str], status: str, time: int) -> Entry:
    """The end of runs, at a ``time`` in milliseconds."""
    return {"kind": "end", "runs": list(runs), "status": status, "time": time}


def values_in(entry: Entry) -> dict[str, list[Value]]:
    """The values of a metrics entry by run; none of any other."""
    return {run: list(map(Value._make, values)) for run, values in entry.get("values", {}).items()}


def runs_in(entry: Entry) -> set[str]:
    """The runs that an entry concerns."""
    return {*entry.get("values", {}), *entry.get("runs", []), *([entry["run"]] if "run" in entry else [])}


def damaged_file(journal: Journal) -> Path | None:
    """The file of a journal whose content is not what was written there, or None."""
    for path in (journal.attempt_file, journal.position_file, journal.journal, journal.files):
        if path.exists() and path.is_dir() is not (path == journal.files):
            return path
    attempt = journal.attempt_file
    if attempt.exists() and not re.fullmatch(rb"[0-9a-f]{32}", attempt.read_bytes()):
        return attempt
    if journal.is_cut():
        return journal.journal if journal.journal.exists() else journal.position_file
    try:
        for entry in journal.entries():
            if not KEYS[entry["kind"]] <= set(entry):
                return journal.journal
            folder = journal.files / str(entry.get("folder", ""))
            if entry["kind"] == "files" and folder.exists() and not has_digest(folder):
                return folder
    except (ValueError, KeyError):
        return journal.journal
    return None


def has_digest(folder: Path) -> bool:
    """Whether files are those of the digest in their folder's name; earlier versions had none."""
    _, _, digest = folder.name.partition("-")
    contents = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return digest in ("", files_digest(contents))


def journal_param(journal: Journal, name: str) -> str | None:
    """The value of a param that a journal has kept, or None."""
    values = (entry["params"].get(name) for entry in journal.entries() if entry["kind"] == "params")
    return next((str(value) for value in values if value is not None), None)


def all_runs_exist(store: Store, journal: Journal) -> bool:
    """Whether all runs that an interrupted attempt has recorded to still exist."""
    recorded_runs = {run for entry in journal.entries() for run in runs_in(entry)}
    return not recorded_runs or recorded_runs <= set(store.runs_of_attempt(journal.attempt()).values())


def metric_keys(journal: Journal) -> Iterator[tuple[str, str, int]]:
    """Every metric that a journal has kept: run, name and step."""
    for entry in journal.entries():
        for run, values in values_in(entry).items():
            yield from ((run, value.name, value.step) for value in values)


def send_entry(entry: Entry, journal: Journal, store: Store, client: MlflowClient) -> None:
    """Send one entry to a store."""
    from mlflow.entities import Param

    match entry["kind"]:
        case "metrics":
            store.log_metrics(client, values_in(entry))
        case "params":
            batch = [Param(name, value) for name, value in entry["params"].items()]
            for run in entry["runs"]:
                client.log_batch(run, params=batch)
        case "tags":
            for name, value in entry["tags"].items():
                if value is not None:
                    client.set_tag(entry["run"], name, value)
                elif name in client.get_run(entry["run"]).data.tags:
                    client.delete_tag(entry["run"], name)
        case "files":
            folder = journal.files / entry["folder"]
            if folder.exists():  # else it was sent before
                client.log_artifacts(entry["run"], str(folder))
        case "removal":
            store.remove_artifact(entry["run"], entry["path"])
        case "end":
            for run in entry["runs"]:
                client.set_terminated(run, entry["status"], entry["time"])


def send_all(journal: Journal, store: Store, client: MlflowClient) -> None:
    """Send every pending entry to a store, in order.

    Raises:
        JobFailed: one of its runs was deleted.
    """
    for batch in journal.batches(store.batch_bytes):
        try:
            if store.batch_bytes:
                send_batch(batch, journal.files, store, client)
            else:
                send_entry(batch[0], journal, store, client)
        except Exception as problem:
            runs = set[str]().union(*map(runs_in, batch))
            if not store.is_unavailable(problem) and (run := deleted_run(runs, client)) is not None:
                raise JobFailed(
                    f"{run} was deleted in {store.uri} while it was being filled; its checkpoints are kept: run the "
                    "same command to resume in new runs, or first restore the run in the MLflow UI to resume in it"
                ) from problem
            raise


def deleted_run(runs: Iterable[str], client: MlflowClient) -> str | None:
    """The name and the id of the first of some runs that is deleted, or None."""
    for run_id in sorted(runs):
        try:
            info = client.get_run(run_id).info
        except Exception as problem:  # any but MLflow's answer says nothing of the run
            return f"run {run_id}" if getattr(problem, "error_code", "") == "RESOURCE_DOES_NOT_EXIST" else None
        if info.lifecycle_stage != "active":
            return f"run {run_id} ({info.run_name})"
    return None
