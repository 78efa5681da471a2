"""The base class of what a claim measures: a number for each seed, from recorded populations alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from seqprobe.reports.claims.recorded_run import RunMetric, Runs


class Measure(ABC):
    """A number for each seed; its constructor's arguments are keys of the claim's ``measure``."""

    is_per_seed: ClassVar[bool] = True
    """Whether seeds differ; False for one number of the population, which says nothing of how many seeds."""

    @abstractmethod
    def values(self, runs: Runs) -> np.ndarray:
        """The number of each seed, ``(seeds,)``; NaN for a seed that has none.

        Raises:
            KeyError: a metric was not recorded.
        """

    def metrics(self) -> Sequence[RunMetric]:
        """The metrics that it reads, so that their runs and probes are checked before anything trains."""
        return ()

    def labels(self) -> set[str]:
        """The labels of the runs that it reads; empty text for a claim's only run."""
        return {metric.run for metric in self.metrics()}


def seed_ratios(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """``numerator / denominator``, ``(seeds,)``; NaN where it is undefined, as for two seeds that are both `NEVER`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)
