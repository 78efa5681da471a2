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

from seqprobe.tracking import provenance
from seqprobe.tracking.description import Description
from seqprobe.tracking.metrics import Value
from seqprobe.tracking.model import save_model
from seqprobe.tracking.store import Store

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from seqprobe.models import Population

FLUSH_SECONDS = 5.0
"""Metrics are in the store, and so in the UI, at most about so long after they were found."""
INTERRUPTED = (KeyboardInterrupt, SystemExit)


class MLflowRecorder:
    """Fills the runs of one population; use it as a context manager, which ends every run whatever happens.

    Metrics are buffered and written every few seconds. With no exception the runs end FINISHED, after an interrupt or a
    signal KILLED, else FAILED with the traceback as an artifact.
    """

    def __init__(self, store: Store, description: Description) -> None:
        self.store, self.description = store, description
        self.seeds = list(description.seeds)
        self.parent, self.children = "", list[str]()
        self._buffers: dict[str, list[Value]] = {}
        self._flushed = time.monotonic()

    def __enter__(self) -> MLflowRecorder:
        self.client = self.store.client()
        experiment = self.store.experiment_id(self.description.experiment)
        tags = {**provenance.tags(), **self.description.tags}
        count = f"{len(self.seeds)} seed{'s' if len(self.seeds) > 1 else ''}"
        name = self.description.name
        self.parent = self._create(experiment, f"{name} · {count}", tags | {"seqprobe.kind": "population"})
        below = tags | {"mlflow.parentRunId": self.parent, "seqprobe.kind": "seed"}
        self.children = [self._create(experiment, f"{name} · seed {seed}", below) for seed in self.seeds]
        try:
            self._describe()
        except BaseException as problem:
            self.__exit__(type(problem), problem, problem.__traceback__)
            raise
        return self

    def _create(self, experiment: str, name: str, tags: Mapping[str, str]) -> str:
        return str(self.client.create_run(experiment, run_name=name, tags=dict(tags)).info.run_id)

    def _describe(self) -> None:
        self.params(self.description.params)
        self.client.log_param(self.parent, "seeds", ",".join(map(str, self.seeds)))
        for run, seed in zip(self.children, self.seeds, strict=True):
            self.client.log_param(run, "seed", seed)
        versions = "".join(f"{name}=={version}\n" for name, version in provenance.versions().items())
        texts = {
            **self.description.texts,
            "source/versions.txt": versions,
            "source/uncommitted.diff": provenance.uncommitted_diff(),
        }
        texts |= {f"source/{module.name}": module.read_text() for module in self.description.modules}
        for path, text in texts.items():
            self.client.log_text(self.parent, text, path)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        status = "FINISHED" if kind is None else "KILLED" if issubclass(kind, INTERRUPTED) else "FAILED"
        try:
            self.flush()
            if status == "FAILED" and problem is not None:
                self.client.log_text(self.parent, "".join(traceback.format_exception(problem)), "traceback.txt")
                self.client.set_tag(self.parent, "seqprobe.error", f"{type(problem).__name__}: {problem}"[:500])
        finally:
            for run in [*self.children, self.parent]:
                self.client.set_terminated(run, status)

    def params(self, shared: Mapping[str, object]) -> None:
        from mlflow.entities import Param

        params = [Param(name, str(value)) for name, value in shared.items() if value is not None]
        for run in [self.parent, *self.children]:
            self.client.log_batch(run, params=params)

    def metrics(self, step: int, values: Mapping[str, np.ndarray]) -> None:
        now = int(time.time() * 1000)
        for name, value in values.items():
            finite = value[np.isfinite(value)]
            self._buffer(self.parent, name, np.median(finite) if len(finite) else np.nan, now, step)
            for run, own in zip(self.children, value, strict=True):
                self._buffer(run, name, own, now, step)
        if time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def _buffer(self, run: str, name: str, value: float, timestamp: int, step: int) -> None:
        self._buffers.setdefault(run, []).append(Value(name, float(value), timestamp, step))

    def flush(self) -> None:
        """Write everything that is buffered."""
        if self._buffers:
            self.store.log_metrics(self.client, self._buffers)
        self._buffers, self._flushed = {}, time.monotonic()

    def figure(self, name: str, figure: Figure) -> None:
        self.client.log_figure(self.parent, figure, f"figures/{name}.png")

    def animation(self, name: str, gif: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.gif"
            path.write_bytes(gif)
            self.client.log_artifact(self.parent, str(path), "animations")

    def table(self, name: str, table: pandas.DataFrame) -> None:
        self.client.log_text(self.parent, table.to_csv(index=False), f"tables/{name}.csv")

    def text(self, name: str, text: str) -> None:
        self.client.log_text(self.parent, text, f"{name}.txt")

    def model(self, population: Population, best_weights: np.ndarray, example: np.ndarray) -> None:
        last = population.weights.detach()
        for member, run in enumerate(self.children):
            rows = {"last": last[member], "best": last.new_tensor(best_weights[member])}
            states = {name: population.state(member, row) for name, row in rows.items()}
            with tempfile.TemporaryDirectory() as folder:
                save_model(Path(folder), self.description, states, example)
                self.client.log_artifacts(run, folder, "model")

    def diverged(self, steps: Sequence[int]) -> None:
        now = int(time.time() * 1000)
        self._buffer(self.parent, "members_finite", sum(step < 0 for step in steps), now, 0)
        for run, step in zip(self.children, steps, strict=True):
            self.client.set_tag(run, "seqprobe.outcome", "finite" if step < 0 else "diverged")
            if step >= 0:
                self.client.set_tag(run, "seqprobe.diverged_at", str(step))
