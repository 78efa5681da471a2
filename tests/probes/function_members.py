"""Members for probes whose outputs and traces are given by functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from seqprobe.batch import Batch

Answer = Callable[[Batch], np.ndarray]
Trace = Callable[[Batch], dict[str, np.ndarray]]


@dataclass
class FunctionMembers:
    """One function per member for answers, and one for what is inside; both see that member's own sequences."""

    answers: list[Answer]
    traces: list[Trace] | None = None
    before: FunctionMembers | None = None

    def own(self, batch: Batch) -> list[Batch]:
        return list(batch.unbind()) if batch.lengths.dim() == 2 else [batch] * len(self.answers)

    def predict(self, batch: Batch) -> np.ndarray:
        return np.stack([answer(own) for answer, own in zip(self.answers, self.own(batch), strict=True)])

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        assert self.traces is not None
        each = [trace(own) for trace, own in zip(self.traces, self.own(batch), strict=True)]
        return {name: np.stack([values[name] for values in each]) for name in each[0]}

    def untrained_members(self) -> FunctionMembers:
        assert self.before is not None
        return self.before
