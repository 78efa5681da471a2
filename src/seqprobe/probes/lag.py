"""Other lags, for a network that remembers a symbol."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from seqprobe import figures
from seqprobe.checks import integer
from seqprobe.probes.bands import variation
from seqprobe.probes.probe import Members, Probe, checked_list, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import ACCURACY
from seqprobe.tasks.remember import Remember

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Lag(Probe[Remember]):
    """Recall of the symbol after shorter and longer lags than in training; measures ``accuracy``.

    Args:
        values: lags in steps.
        size: sequences to each member, per lag.
    """

    scores = (ACCURACY,)

    DURING_SIZE = 100

    def __init__(self, values: Sequence[Any], size: int = 500) -> None:
        self.values, self.size = checked_list("values", values, integer), integer("size", size)

    def trained_interval(self, task: Remember) -> tuple[float, float]:
        """The lag of training as an interval of one value."""
        return float(task.max_length - 1), float(task.max_length - 1)

    def run(self, members: Members, task: Remember, seeds: Sequence[int]) -> ProbeResult:
        accuracy = np.empty((len(seeds), len(self.values)))
        for column, lag in enumerate(self.values):
            batch = sample_for_seeds(seeds, partial(task.pose, self.size, lag))
            logits = members.predict(batch)
            correct = np.where(np.isfinite(logits).all(-1), logits.argmax(-1) == batch.targets.numpy(), np.nan)
            accuracy[:, column] = correct.mean(1)
        return ProbeResult(
            [str(value) for value in self.values],
            {"accuracy": accuracy},
            levels={"accuracy": {"chance": np.full(accuracy.shape, 1 / task.symbols)}},
            **variation("lag (steps)", self.values, self.trained_interval(task), self.reach),
        )

    def during_training(self) -> Lag:
        """Fewer sequences."""
        return Lag(self.values, min(self.size, self.DURING_SIZE))

    def draw(self, result: ProbeResult, task: Remember, title: str) -> Figure:
        levels = {"accuracy": result.labelled_levels("accuracy")}
        positions = np.array(self.values, dtype=float)
        return figures.scores_by_position(
            positions, "lag in steps", result.scores, levels, self.trained_interval(task), title, ("x",)
        )
