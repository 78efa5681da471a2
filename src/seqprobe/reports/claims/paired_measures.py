"""What claims measure of two metrics of the same seed, or of two runs: ratios, differences and speedups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from seqprobe.checks import number
from seqprobe.reports.claims.claim_measure import Measure, seed_ratios
from seqprobe.reports.claims.recorded_run import NEVER, Node, RecordedRun, RunMetric, Runs


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


class MedianRatio(PairedRatio):
    """``median_ratio``: the median over seeds of `PairedRatio`: one number, for what differs more between seeds."""

    is_per_seed: ClassVar[bool] = False

    def values(self, runs: Runs) -> np.ndarray:
        """See `Measure.values`."""
        return np.array([np.nanmedian(super().values(runs))])


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


def thousand_examples(run: RecordedRun, metric: str, level: float) -> np.ndarray:
    """Training examples, in thousands, after which a metric was first <= ``level``, ``(seeds,)``; or `NEVER`."""
    steps, values = run.history(metric)
    reached = values <= level
    first = np.where(reached.any(1), steps[reached.argmax(1)].astype(float), NEVER)
    return first * int(run.params["batch_size"]) / 1_000
