"""What a store holds of a population, to compare what was interrupted with what was not."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

RUN_ID = re.compile(r"\b[0-9a-f]{32}\b")
"""A run's id: the note of a population names those of its members, too."""
OWN = (
    "seqprobe.taken_over_from",
    "seqprobe.pid",
    "seqprobe.started",
    "seqprobe.attempt",
    "seqprobe.command",
    "mlflow.parentRunId",
)
"""Tags that no two runs share."""


def plain_name(name: str) -> str:
    """A run's name without what was overridden: ``rnn · 2 seeds`` of ``rnn · max_steps=20 · 2 seeds``."""
    return " · ".join(part for part in name.split(" · ") if "=" not in part and not part.startswith("~"))


def content(folder: Path) -> dict[str, dict[str, Any]]:
    """What `runs` tells, by the runs' plain names, of which none may be there twice."""
    found = runs(folder)
    by_name = {run["name"]: run for run in found}
    assert len(by_name) == len(found), sorted(run["name"] for run in found)
    return by_name


def last_finished(folder: Path) -> dict[str, dict[str, Any]]:
    """What `runs` tells of the last finished run of every name: others may be left of attempts that were given up.

    Raises:
        AssertionError: a run seems to be running.
    """
    found = runs(folder)
    assert {run["status"] for run in found} <= {"FINISHED", "KILLED", "FAILED"}, [run["status"] for run in found]
    return {run["name"]: run for run in found if run["status"] == "FINISHED"}


def runs(folder: Path) -> list[dict[str, Any]]:
    """All that a user can see of every run: name, status, params, tags, metric values, and artifacts' digests."""
    values = "select key, step, value, is_nan from {} where run_uuid = ? order by key, step"
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        found = []
        for run, name, status, artifacts in connection.execute(
            "select run_uuid, name, status, artifact_uri from runs"
            " where lifecycle_stage = 'active' order by name, rowid"
        ).fetchall():
            params = dict(connection.execute("select key, value from params where run_uuid = ?", (run,)))
            tags = dict(connection.execute("select key, value from tags where run_uuid = ?", (run,)))
            found.append(
                {
                    "name": plain_name(name),
                    "status": status,
                    "params": params,
                    "tags": {key: RUN_ID.sub("a run", value) for key, value in tags.items() if key not in OWN},
                    "metrics": connection.execute(values.format("metrics"), (run,)).fetchall(),
                    "latest": connection.execute(values.format("latest_metrics"), (run,)).fetchall(),
                    "artifacts": digests(Path(artifacts)),
                }
            )
    return found


def digests(folder: Path) -> dict[str, str]:
    """Each file's digest by its path; of what has a date in it, only that it is there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): ""
        if path.name in ("MLmodel", "config.yaml", "uncommitted.diff")
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def differences(found: dict[str, dict[str, Any]], wanted: dict[str, dict[str, Any]]) -> list[str]:
    """What is not the same in two stores, a line each."""
    if list(found) != list(wanted):
        return [f"runs: {list(found)} instead of {list(wanted)}"]
    lines = []
    for name, run in wanted.items():
        for what, value in run.items():
            other = found[name][what]
            if other == value:
                continue
            if isinstance(value, dict):
                keys = sorted(key for key in {*value, *other} if value.get(key) != other.get(key))
                lines.append(
                    f"{name}: {what} {', '.join(f'{k}: {other.get(k)} not {value.get(k)}' for k in keys)}"[:600]
                )
            elif isinstance(value, list):
                extra = [row for row in other if row not in value]
                missing = [row for row in value if row not in other]
                lines.append(f"{name}: {what}: {len(other)} for {len(value)}, extra {extra[:3]}, missing {missing[:3]}")
            else:
                lines.append(f"{name}: {what}: {other} instead of {value}")
    return lines
