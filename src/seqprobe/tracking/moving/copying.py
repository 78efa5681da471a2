"""Copy runs from one store to another, and compare what both have then.

A copy has its original's id as the tag `Tag.MOVED_FROM` from the moment at which it is made, and gets its status last.
So a copy that was interrupted is found again, and a second call adds what is missing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from seqprobe.learning.recorder import Notice
from seqprobe.scoring import Tag
from seqprobe.tracking.moving.run_contents import RunContent, comparable, file_digests, run_content
from seqprobe.tracking.moving.translation import PAGES, Translation, pages_address
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun, stored_run
from seqprobe.tracking.stores.experiment_pages import MLFLOWS_OWN, NOTE, search_experiments
from seqprobe.tracking.stores.metric_rows import BATCH, Value
from seqprobe.tracking.stores.store import Store

TAGS_AT_ONCE = PARAMS_AT_ONCE = 100
"""Most of them in one request: MLflow's own limits."""
CONNECTIONS = 8
"""Runs that are copied at the same time from or to a server, whose answers take time."""


class CopiedRun(NamedTuple):
    """What became of a run.

    Attributes:
        name: the run's.
        is_new: whether something was copied.
        content: what the copy has.
        problem: how the copy differs from its original, or empty.
    """

    name: str
    is_new: bool
    content: RunContent
    problem: str


@dataclass(frozen=True)
class RunCopier:
    """Copies single runs.

    Attributes:
        translation: has the ids of all copies.
    """

    source: Store
    target: Store
    translation: Translation

    def copy(self, run: StoredRun) -> CopiedRun:
        """Complete the copy of a run, and compare it."""
        copy_id = self.translation.runs[run.run_id]
        with self.source.artifact_tree(run.run_id) as tree, self._translated(tree) as folder:
            values = self.source.metric_values(run.run_id)
            wanted = run_content(self._translated_run(run), values, file_digests(folder))
            present = self._present(copy_id)
            is_new = present != wanted
            if is_new and (present.ended is None or present.ended <= (wanted.ended or 0)):
                self._complete(copy_id, wanted, present, values, folder)
                present = self._present(copy_id)
        differences = wanted.differences(present)
        return CopiedRun(run.name, is_new, present, f"{run.name}: {', '.join(differences)}" if differences else "")

    def _translated_run(self, run: StoredRun) -> StoredRun:
        return replace(run, tags={name: self.translation.text(value) for name, value in run.tags.items()})

    @contextmanager
    def _translated(self, tree: Path) -> Iterator[Path]:
        """A folder of artifacts whose pages link to the copies; the artifacts' own where none does."""
        pages = [path for path in tree.rglob("*") if path.suffix in PAGES and path.is_file()]
        changed = {path: self.translation.page(content) for path in pages if (content := path.read_bytes())}
        if not any(path.read_bytes() != content for path, content in changed.items()):
            yield tree
            return
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(shutil.copytree(tree, Path(temporary) / "artifacts"))
            for path, content in changed.items():
                (folder / path.relative_to(tree)).write_bytes(content)
            yield folder

    def _present(self, copy_id: str) -> RunContent:
        run = stored_run(self.target.client().get_run(copy_id))
        with self.target.artifact_tree(copy_id) as folder:
            return run_content(run, self.target.metric_values(copy_id), file_digests(folder))

    def _complete(
        self, copy_id: str, wanted: RunContent, present: RunContent, values: Sequence[Value], folder: Path
    ) -> None:
        """Add what a copy lacks; its status is last."""
        from mlflow.entities import Param, RunTag

        client = self.target.client()
        params = [Param(name, value) for name, value in wanted.params.items() if name not in present.params]
        tags = [RunTag(name, value) for name, value in wanted.tags.items() if present.tags.get(name) != value]
        for start in range(0, len(params), PARAMS_AT_ONCE):
            client.log_batch(copy_id, params=params[start : start + PARAMS_AT_ONCE])
        missing = [value for value in values if comparable(value) not in present.values]
        for start in range(0, len(missing), BATCH):
            self.target.log_metrics(client, {copy_id: missing[start : start + BATCH]})
        paths = [path for path, digest in wanted.artifacts.items() if present.artifacts.get(path) != digest]
        if paths:
            self.target.log_files(client, copy_id, folder, paths)
        for start in range(0, len(tags), TAGS_AT_ONCE):
            client.log_batch(copy_id, tags=tags[start : start + TAGS_AT_ONCE])
        client.set_terminated(copy_id, wanted.status, wanted.ended)


def copy_runs(source: Store, target: Store, notice: Notice) -> list[CopiedRun]:
    """Copy every run that has ended and is not deleted; what became of each.

    Args:
        notice: called with a line of text about runs that are left out.
    """
    runs, copies = source.search(RunFilter()), target.search(RunFilter())
    running = {run.run_id for run in runs if run.status == "RUNNING"}
    ended = [run for run in runs if not {run.run_id, run.tags.get(Tag.PARENT)} & running]
    if len(ended) < len(runs):
        notice(
            f"{len(runs) - len(ended)} runs of trainings that go on are left out: call it again when they have ended"
        )
    experiments = copied_experiments(source, target, {run.experiment_id for run in ended})
    known = copies_of(ended, copies)
    for run in ended:
        if run.run_id not in known:
            known[run.run_id] = open_copy(target, experiments[run.experiment_id], run)
    copier = RunCopier(source, target, Translation(known, experiments, pages_address(source), pages_address(target)))
    with ThreadPoolExecutor(CONNECTIONS if source.is_remote or target.is_remote else 1) as pool:
        return list(pool.map(copier.copy, ended))


def copies_of(runs: Sequence[StoredRun], copies: Sequence[StoredRun]) -> dict[str, str]:
    """Ids of the copies of runs, by id; a run that is itself a copy of a run in the target is taken for that one."""
    present = {copy.run_id for copy in copies}
    known = {run.run_id: origin for run in runs if (origin := run.tags.get(Tag.MOVED_FROM, "")) in present}
    copied = {copy.tags[Tag.MOVED_FROM]: copy.run_id for copy in copies if Tag.MOVED_FROM in copy.tags}
    return known | {run.run_id: copied[run.run_id] for run in runs if run.run_id in copied}


def copied_experiments(source: Store, target: Store, used: set[str]) -> dict[str, str]:
    """Ids of the target's experiments by those of the source; MLflow's own only if it is ``used``."""
    ids = {}
    for experiment in search_experiments(source.client()):
        if str(experiment.experiment_id) == MLFLOWS_OWN and MLFLOWS_OWN not in used:
            continue
        tags: Mapping[str, str] = {name: value for name, value in experiment.tags.items() if name != NOTE}
        note = experiment.tags.get(NOTE, "")
        ids[str(experiment.experiment_id)] = target.experiment_id(str(experiment.name), note, tags)
    return ids


def open_copy(target: Store, experiment: str, run: StoredRun) -> str:
    """Make the run that will be a copy; its id. The process that filled its original is not its own."""
    create = partial(target.client().create_run, experiment, start_time=run.started, run_name=run.name)
    return str(create(tags={Tag.MOVED_FROM: run.run_id}).info.run_id)
