"""What a claim measures: a number for each seed, from recorded populations alone.

A claim names one of `MEASURES` with its arguments, or a class of a user's folder that extends `Measure`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqprobe.checks import number
from seqprobe.reports.claims.recorded_run import NEVER, RecordedRun, RunMetric, Runs, labelled_run, metric_list
from seqprobe.scoring import VAL_LOSS

Node = str | Mapping[str, Any] | RunMetric
"""A metric in YAML: its name, or a mapping with ``metric``, ``run`` and ``per``."""


class Measure(ABC):
    """A number for each seed; its constructor's arguments are keys of the claim's ``measure``."""

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


class PairedRatio(Measure):
    """``ratio``: one metric over another of the same seed, ``numerator / denominator``."""

    def __init__(self, numerator: Node, denominator: Node) -> None:
        self.numerator = RunMetric.from_node("numerator", numerator)
        self.denominator = RunMetric.from_node("denominator", denominator)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return seed_ratios(self.numerator.values(runs), self.denominator.values(runs))

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return [self.numerator, self.denominator]


class PairedDifference(Measure):
    """``difference``: one metric minus another of the same seed, ``first - second``."""

    def __init__(self, first: Node, second: Node) -> None:
        self.first, self.second = RunMetric.from_node("first", first), RunMetric.from_node("second", second)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return np.asarray(self.first.values(runs) - self.second.values(runs))

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return [self.first, self.second]


class Speedup(Measure):
    """``speedup``: examples that run ``slow`` needs until a metric is <= ``level``, over those of run ``fast``."""

    def __init__(self, slow: str, fast: str, metric: str, level: float) -> None:
        self.slow = RunMetric.from_node("metric", {"metric": metric, "run": slow})
        self.fast = RunMetric.from_node("metric", {"metric": metric, "run": fast})
        self.level = number("level", level)

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        needed = [thousand_examples(runs[metric.run], metric.metric, self.level) for metric in self.metrics()]
        return seed_ratios(needed[0], needed[1])

    def metrics(self) -> Sequence[RunMetric]:
        """See `Measure.metrics`."""
        return [self.slow, self.fast]


class RecordedParameter(Measure):
    """``parameter``: a numeric parameter of the population, such as ``parameters``; one number, equal for all seeds."""

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


MEASURES: Mapping[str, type[Measure]] = {
    "final": FinalValue,
    "distance": LargestDistance,
    "least_step": LeastStep,
    "ratio": PairedRatio,
    "difference": PairedDifference,
    "speedup": Speedup,
    "parameter": RecordedParameter,
    "diverged": HasDiverged,
}
"""Our measures by the names that claims use."""


def thousand_examples(run: RecordedRun, metric: str, level: float) -> np.ndarray:
    """Training examples, in thousands, after which a metric was first <= ``level``, ``(seeds,)``; or `NEVER`."""
    steps, values = run.history(metric)
    reached = values <= level
    first = np.where(reached.any(1), steps[reached.argmax(1)].astype(float), NEVER)
    return first * int(run.params["batch_size"]) / 1_000


def seed_ratios(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """``numerator / denominator``, ``(seeds,)``; NaN where it is undefined, as for two seeds that are both `NEVER`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)
