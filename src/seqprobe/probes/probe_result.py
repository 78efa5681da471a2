"""What a probe returns: scores by member and value, with the arrays and the table behind its figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from seqprobe.scoring import MetricName


@dataclass(frozen=True)
class ProbeResult:
    """Scores of every member of a population at every probed value.

    Attributes:
        labels: a name for each value, as it appears in metric names.
        scores: measure to ``(seeds, values)``.
        arrays: what the probe's figure needs beyond the scores, by name.
        table: the numbers behind the figure, one row per point; None where those are the scores.
        overall: measures that belong to no single value, ``(seeds,)`` each.
        varied: the quantity that the values are of, with its unit; the first, where several vary together.
        distances: how far each value of that quantity is outside the training range, ``(values,)``, in its units;
            0 inside, None where no range is known.
    """

    labels: Sequence[str]
    scores: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    table: pd.DataFrame | None = None
    overall: Mapping[str, np.ndarray] = field(default_factory=dict)
    varied: str = ""
    distances: np.ndarray | None = None

    def metrics(self, probe: str) -> dict[str, np.ndarray]:
        """``probe/<probe>/<value>/<metric>`` and, as the unweighted mean over values, ``probe/<probe>/<metric>``."""
        return self.mean_metrics(probe) | self.value_metrics(probe)

    def mean_metrics(self, probe: str) -> dict[str, np.ndarray]:
        """`summary_scores` by full metric name."""
        return {str(MetricName("probe", measure, probe)): values for measure, values in self.summary_scores().items()}

    def value_metrics(self, probe: str) -> dict[str, np.ndarray]:
        """Every score at every value: ``(seeds,)`` by full metric name."""
        return {
            str(MetricName("probe", measure, probe, label)): values[:, i]
            for measure, values in self.scores.items()
            for i, label in enumerate(self.labels)
        }

    def summary_scores(self) -> dict[str, np.ndarray]:
        """`overall`, and every score's unweighted mean over the values: ``(seeds,)`` by measure."""
        return {**self.overall, **{measure: values.mean(1) for measure, values in self.scores.items()}}

    def rows(self, seeds: Sequence[int]) -> pd.DataFrame:
        """One row per member, value and measure: columns ``seed, varied, value, distance, metric, score``."""
        distances = np.full(len(self.labels), np.nan) if self.distances is None else self.distances
        return pd.DataFrame(
            [
                (seed, self.varied, label, float(distances[j]), measure, float(values[i, j]))
                for measure, values in self.scores.items()
                for i, seed in enumerate(seeds)
                for j, label in enumerate(self.labels)
            ],
            columns=["seed", "varied", "value", "distance", "metric", "score"],
        )
