"""What claims measure of the metrics of one run: a value, a distance, an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from seqprobe.checks import number
from seqprobe.reports.claims.claim_measure import Measure, seed_ratios
from seqprobe.reports.claims.recorded_run import Node, RunMetric, Runs, labelled_run, metric_list
from seqprobe.scoring import VAL_LOSS


class FinalValue(Measure):
    """``final``: a metric's last value."""

    def __init__(self, metric: Node) -> None:
        self.metric = RunMetric.from_node("metric", metric)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return self.metric.values(runs)

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return [self.metric]


class LargestDistance(Measure):
    """``distance``: how far a metric is from ``target``; of several metrics the largest distance."""

    def __init__(self, metrics: Sequence[Node], target: float = 0.0) -> None:
        self.among, self.target = metric_list("metrics", metrics, 1), number("target", target)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return np.asarray(np.abs(np.array([metric.values(runs) for metric in self.among]) - self.target).max(0))

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return self.among


class LeastValue(Measure):
    """``least``: the smallest of several metrics."""

    def __init__(self, metrics: Sequence[Node]) -> None:
        self.among = metric_list("metrics", metrics, 2)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return np.asarray(np.min([metric.values(runs) for metric in self.among], axis=0))

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return self.among


class LargestOverLeast(LeastValue):
    """``spread``: the largest of several metrics over the smallest; infinite if that is not above 0."""

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        numbers = np.array([metric.values(runs) for metric in self.among])
        least = numbers.min(0)
        return np.where(least <= 0, np.inf, seed_ratios(numbers.max(0), least))


class LeastStep(Measure):
    """``least_step``: the smallest difference between successive metrics; above 0 if they increase throughout."""

    def __init__(self, metrics: Sequence[Node]) -> None:
        self.ordered = metric_list("metrics", metrics, 2)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return np.asarray(np.diff([metric.values(runs) for metric in self.ordered], axis=0).min(0))

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return self.ordered


class RecordedParameter(Measure):
    """``parameter``: a numeric parameter of the population, such as ``parameters``; one number, equal for all seeds."""

    is_per_seed: ClassVar[bool] = False

    def __init__(self, parameter: str, run: str = "") -> None:
        self.parameter, self.run = parameter, run

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return np.array([float(labelled_run(runs, self.run).params[self.parameter])])

    def labels(self) -> set[str]:
        """See `Measure.labels`."""
        return {self.run}


class HasDiverged(Measure):
    """``diverged``: 1 for a seed whose loss, gradient or weights stopped being finite, 0 for any other."""

    def __init__(self, run: str = "") -> None:
        self.loss = RunMetric(VAL_LOSS, run)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return np.isnan(self.loss.values(runs)).astype(float)

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return [self.loss]
