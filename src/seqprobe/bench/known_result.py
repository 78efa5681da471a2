"""A population whose result is known: jobs that record it do all that jobs do, except that they train nothing."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from seqprobe.evaluation.evaluate import evaluate
from seqprobe.learning.fit import fit
from seqprobe.learning.result import TrainResult
from seqprobe.run import job
from seqprobe.run.identity import RunIdentity
from seqprobe.run.request import Request
from seqprobe.scoring import Tag
from seqprobe.tracking.journal.entries import values_in
from seqprobe.tracking.journal.entry_lines import Entry
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.mlflow_recorder import MLflowRecorder


class KeptJournal(Journal):
    """Keeps in memory, too, what goes through a journal.

    Attributes:
        kept: the entries, in order.
        contents: files by the name of their folder.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.kept, self.contents = list[Entry](), dict[str, Mapping[str, bytes]]()

    def append(self, entry: Entry) -> None:
        super().append(entry)
        self.kept.append(entry)

    def add_files(self, contents: Mapping[str, bytes]) -> str:
        name = super().add_files(contents)
        self.contents[name] = contents
        return name


@dataclass
class KnownResult:
    """What a training returned, and everything that was recorded of it.

    Attributes:
        entries: of the journal, without the end of the runs.
        contents: the files of entries, by the name of their folder.
        runs: those that the entries are about, the population's first.
    """

    result: TrainResult
    entries: Sequence[Entry]
    contents: Mapping[str, Mapping[str, bytes]] = field(repr=False)
    runs: Sequence[str]

    def record(self, recorder: MLflowRecorder) -> None:
        """Record it to the runs of another population with as many seeds."""
        names = dict(zip(self.runs, [recorder.parent, *recorder.children], strict=True))
        for entry in self.entries:
            if entry["kind"] == "files":
                recorder.delivery.send_files(names[entry["run"]], self.contents[entry["folder"]])
            else:
                recorder.delivery.send(with_runs(entry, names))


def with_runs(entry: Entry, names: Mapping[str, str]) -> Entry:
    """An entry about other runs."""
    changed: dict[str, Any] = {}
    if "run" in entry:
        changed["run"] = names[entry["run"]]
    if "runs" in entry:
        changed["runs"] = [names[run] for run in entry["runs"]]
    if "values" in entry:
        changed["values"] = {names[run]: values for run, values in values_in(entry).items()}
    return entry | changed


def train_once(request: Request, folder: Path) -> KnownResult:
    """Train a request's population, and keep what it records; ``folder`` is that of its journal."""
    journal = KeptJournal(folder)
    with MLflowRecorder(request.store, request.description, journal) as recorder:
        result = fit(request.experiment, recorder)
        evaluate(request.experiment, result, recorder)
        runs = [recorder.parent, *recorder.children]
    entries = [entry for entry in journal.kept if entry["kind"] != "end"]
    return KnownResult(result, entries, journal.contents, runs)


@contextmanager
def without_training(known: KnownResult) -> Iterator[None]:
    """Let jobs record a known result in place of training and evaluating."""

    def recorded(experiment: object, recorder: MLflowRecorder, **others: object) -> TrainResult:
        known.record(recorder)
        return known.result

    with patch.object(job, "fit", recorded), patch.object(job, "evaluate", lambda *arguments: {}):
        yield


def numbered(request: Request, number: int) -> Request:
    """A request as one of another population, which costs no composing."""
    training, population = (
        hashlib.sha256(f"{digest} {number}".encode()).hexdigest()[:16]
        for digest in (request.identity.training_hash, request.identity.population_hash)
    )
    tags = {**request.description.tags, Tag.TRAINING: training, Tag.POPULATION: population}
    folder = request.workspace.work / f"{population}{request.store.workspace_suffix}"
    return dataclasses.replace(
        request,
        identity=RunIdentity(training, population, request.identity.files),
        workspace=dataclasses.replace(request.workspace, folder=folder, training_hash=training),
        description=dataclasses.replace(request.description, tags=tags),
    )
