"""The recorder that keeps a population in MLflow: a parent run with medians, and a child run per seed."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from seqprobe.interrupts import deferred_exit
from seqprobe.learned import population_metrics
from seqprobe.learning.recorder import Notice
from seqprobe.scoring import MetricName, Tag
from seqprobe.tracking.artifacts import Artifacts
from seqprobe.tracking.description import Description
from seqprobe.tracking.journal import entries
from seqprobe.tracking.journal.background_delivery import BackgroundDelivery
from seqprobe.tracking.journal.delivery import Delivery
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.leases.lease import LeaseLost
from seqprobe.tracking.opened_runs import close_without_records, open_runs, runs_opened_before
from seqprobe.tracking.saved_model import ARCHIVE, archive_digest, member_files
from seqprobe.tracking.score_table import score_table
from seqprobe.tracking.stores.metric_rows import Value
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from seqprobe.learning.result import TrainResult

FLUSH_SECONDS = 5.0
"""Longest delay before metrics reach the store."""
PATIENCE = 10.0
"""Seconds for which the end of a run waits for an unavailable store."""
TRACEBACK, INTERRUPTED = "traceback.txt", (KeyboardInterrupt, SystemExit)


class MLflowRecorder(Artifacts):
    """Fills the runs of one population; use it as a context manager, which ends every run whatever happens.

    With no exception the runs end FINISHED, after an interrupt or a signal KILLED, else FAILED with the traceback as an
    artifact. Metrics are buffered and sent every few seconds. Everything goes through a journal: while a server is
    unavailable, it stays there, in order; and after a kill the same runs go on, in which nothing is recorded twice.

    Args:
        journal: of this population, kept until the runs are FINISHED and delivered; None takes a temporary one.
        notice: called with one line of text for the user.

    Attributes:
        undelivered: the journal's folder, if the store was unavailable at the end.
    """

    def __init__(
        self,
        store: Store,
        description: Description,
        journal: Journal | None = None,
        notice: Notice = lambda words: None,
    ) -> None:
        self.store, self.description, self.notice = store, description, notice
        self.journal, self._temporary = journal or Journal(Path(tempfile.mkdtemp(prefix="seqprobe-"))), journal is None
        self.seeds = list(description.seeds)
        self.parent, self.children = "", list[str]()
        self.undelivered: Path | None = None
        self._buffers: dict[str, list[Value]] = {}
        self._recorded, self._is_resumed, self._flushed = set[tuple[str, str, int]](), False, time.monotonic()

    def __enter__(self) -> MLflowRecorder:
        self.client = self.store.client()
        kind = BackgroundDelivery if self.store.is_remote else Delivery
        self.delivery = kind(self.journal, self.store, self.client, self.notice)
        is_new, attempt = not self.journal.attempt_file.exists(), self.journal.attempt()
        self.journal.reserve_space()
        existing = runs_opened_before(self.store, attempt, is_new, self.notice)
        self._recorded, self._is_resumed = set(entries.metric_keys(self.journal)), bool(existing)
        try:
            with deferred_exit():
                opened = open_runs(self.store, self.description, attempt, existing, self.notice)
                self.parent = next(opened)
                for run in opened:  # one by one: if the store goes away now, those that are open are closed
                    self.children.append(run)
                if existing:
                    self.delivery.deliver()
                    for run in [self.parent, *self.children]:
                        self.client.update_run(run, status="RUNNING")
                self.delivery.start()
                self._describe()
        except BaseException as problem:
            self.__exit__(type(problem), problem, problem.__traceback__)
            raise
        return self

    def _describe(self) -> None:
        self.record_params(self.description.params)
        self.delivery.send(entries.params([self.parent], {"seeds": ",".join(map(str, self.seeds))}))
        for run, seed in zip(self.children, self.seeds, strict=True):
            self.delivery.send(entries.params([run], {"seed": seed}))
        self.delivery.send_files(self.parent, self.description.files())

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with deferred_exit():
            self._end("FINISHED" if kind is None else "KILLED" if issubclass(kind, INTERRUPTED) else "FAILED", problem)

    def _end(self, status: str, problem: BaseException | None) -> None:
        """End all runs with a status, and leave the journal as the next process needs it."""
        runs = [*self.children, *([self.parent] if self.parent else [])]
        try:
            self.flush()
            if self.parent:
                self._explain(problem if status == "FAILED" else None)
            self.delivery.send(entries.end(runs, status, int(time.time() * 1000)))
            complete = self.delivery.finish(PATIENCE)
        except BaseException as error:
            self.delivery.close()
            if not (isinstance(error, LeaseLost) and error.is_workspace_lost):  # else it is another process's now
                self.journal.release_space()
                close_without_records(self.client, runs, PATIENCE)
            raise
        self.journal.release_space()
        if not complete:
            self.undelivered = self.journal.folder
        elif status == "FINISHED" or self._temporary:
            self.journal.remove()
        else:
            self.journal.save_position()

    def _explain(self, problem: BaseException | None) -> None:
        """Record the error that made the runs fail; or remove that of an earlier attempt."""
        error = None if problem is None else f"{type(problem).__name__}: {problem}"[:500]
        if problem is not None:
            self.delivery.send_files(self.parent, {TRACEBACK: "".join(traceback.format_exception(problem)).encode()})
        elif self._is_resumed:
            self.delivery.send(entries.removal(self.parent, TRACEBACK))
        if error or self._is_resumed:
            self.delivery.send(entries.tags(self.parent, {Tag.ERROR: error}))

    def record_params(self, shared: Mapping[str, object]) -> None:
        if "engine" not in shared or not self.description.taken_over:
            self.delivery.send(entries.params([self.parent, *self.children], shared))
            return
        # A member that was taken over keeps the engine that trained it; the population lists all of its engines.
        engines = [self.description.taken_over.get(seed, ("", str(shared["engine"])))[1] for seed in self.seeds]
        together = ", ".join(sorted(set(engines)))
        for run, engine in zip([self.parent, *self.children], [together, *engines], strict=True):
            self.delivery.send(entries.params([run], {**shared, "engine": engine}))

    def record_levels(self, levels: Mapping[str, np.ndarray]) -> None:
        """As params ``reference/…``, in few digits; the table of scores has all of them."""
        levels = {str(MetricName("reference", "", role=role)): values for role, values in levels.items()}
        for run, values in zip(self.children, zip(*levels.values(), strict=True), strict=False):
            texts = {name: f"{value:.4g}" for name, value in zip(levels, values, strict=True)}
            self.delivery.send(entries.params([run], texts))
        medians = {name: f"{np.median(values):.4g}" for name, values in levels.items()}
        self.delivery.send(entries.params([self.parent], medians))

    def record_metrics(self, step: int, values: Mapping[str, np.ndarray]) -> None:
        now, runs = int(time.time() * 1000), [self.parent, *self.children]
        for name, value in values.items():
            numbers, finite = np.asarray(value, float), value[np.isfinite(value)]
            median = float(np.median(finite)) if len(finite) else np.nan
            self._buffer(runs, name, [median, *numbers.tolist()], now, step)
        if time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def record_scores(self, scores: Mapping[str, np.ndarray]) -> None:
        self.send_scores(score_table(self.seeds, scores))

    def _buffer(self, runs: Sequence[str], name: str, values: Sequence[float], timestamp: int, step: int) -> None:
        for run, value in zip(runs, values, strict=True):
            if not self._recorded or (run, name, step) not in self._recorded:  # else the interrupted process has it
                self._buffers.setdefault(run, []).append(Value(name, value, timestamp, step))

    def flush(self) -> None:
        """Keep everything that is buffered, and try to deliver it."""
        buffers, self._buffers, self._flushed = self._buffers, {}, time.monotonic()
        with deferred_exit():
            if buffers:
                self.journal.append(entries.metrics(buffers))
            self.journal.sync()
            self.delivery.deliver()
            self.journal.save_position()

    def record_members(self, result: TrainResult) -> None:
        for member, run in enumerate(self.children):
            self.delivery.send_files(run, files := member_files(self.description, result, member))
            self.delivery.send(entries.tags(run, {Tag.ARCHIVE_DIGEST: archive_digest(files[ARCHIVE])}))

    def record_outcomes(self, outcomes: Sequence[str], steps: Sequence[int], causes: Sequence[str]) -> None:
        for name, number in population_metrics(outcomes).items():
            self._buffer([self.parent], name, [float(number)], int(time.time() * 1000), 0)
        for run, outcome, step, cause in zip(self.children, outcomes, steps, causes, strict=True):
            details = {Tag.DIVERGED_AT: str(step), Tag.DIVERGED_BECAUSE: cause} if step >= 0 else {}
            self.delivery.send(entries.tags(run, {Tag.OUTCOME: outcome, **details}))
