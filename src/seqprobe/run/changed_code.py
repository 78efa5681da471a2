"""Which files, of the user's code or data, make a finished run train again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from seqprobe.config.build import split_probes
from seqprobe.run.request import Request
from seqprobe.run.run_description import DATA_FILES
from seqprobe.run.user_code import source_files, syntax_digest
from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun


def changed_code_notice(request: Request) -> str | None:
    """One line that names the files that differ from those of the last finished run of these names.

    They are of the user's code, or read by the task. None if there was no such run, or none of its files differs.
    """
    plain = request.composition.config
    _, task = split_probes(plain["task"])
    files = source_files({**plain, "task": task})
    run = last_finished(request) if files or request.identity.files else None
    if run is None or run.tags.get(Tag.TRAINING) == request.identity.training_hash:
        return None
    changed = [place for place, path in files.items() if is_changed(request, run, place, path)]
    recorded = recorded_files(request, run)
    changed += [name for name, content in request.identity.files if recorded.get(name, content) != content]
    if not changed:
        return None
    return f"Training again: {', '.join(changed)} changed since {run.name} ({run.run_id}) was trained."


def last_finished(request: Request) -> StoredRun | None:
    """The last finished population of the same task, model, preset and overrides."""
    names: Mapping[str, str | None] = request.composition.config["names"]
    stated = {key: names[key] for key in ("task", "model", "preset", "overrides")}
    params = {key: value for key, value in stated.items() if key in ("task", "model") and value}
    runs = request.store.search(RunFilter("population", "FINISHED", params=params))
    same = [run for run in runs if all(run.params.get(key) == (value or None) for key, value in stated.items())]
    return max(same, key=lambda run: run.started, default=None)


def recorded_files(request: Request, run: StoredRun) -> dict[str, str]:
    """The content hashes of the files that a run's task read, by name; empty for runs of earlier versions."""
    try:
        pairs = yaml.safe_load(request.store.artifact(run.run_id, DATA_FILES) or b"") or []
        return {str(name): str(content) for name, content in pairs}
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError):
        return {}


def is_changed(request: Request, run: StoredRun, place: str, path: Path) -> bool:
    """Whether a file does something else than the one of the same name that a run recorded."""
    recorded = request.store.artifact(run.run_id, f"source/{place}")
    return recorded is None or syntax_digest(recorded) != syntax_digest(path.read_bytes())
