"""What a probe returns: scores by member and value, the levels to read them against, and what its figure needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from seqprobe.scoring import BANDS, Band, MetricName, Role, Score, level_label, main_score


@dataclass(frozen=True)
class ProbeResult:
    """Scores of every member of a population at every probed value.

    Attributes:
        labels: a name for each value, as it appears in metric names; empty if the values are only averaged.
        scores: measure to ``(seeds, values)``.
        arrays: what the probe's figure needs beyond the scores, by name; those of members have them on the first axis.
        table: the numbers behind the figure, one row per point; None where those are the scores.
        overall: measures that belong to no single value, ``(seeds,)`` each.
        varied: the quantity that the values are of, with its unit; the first, where several vary together.
        distances: how far each value of that quantity is above the training range, negative below it, ``(values,)`` in
            its units; 0 inside, None where no range is known.
        bands: where each value is; empty where no range is known. `seqprobe.probes.bands.variation` computes both.
        levels: for some measures, the scores of predictors that were not trained, by their role: ``(seeds, values)``
            each, measured on the same sequences as the members.
        shared: the names of ``arrays`` that have no axis of members.
        unanswered: why the networks could not answer, in words; empty if they answered everything. Scores of what they
            could not answer are NaN, or missing.
    """

    labels: Sequence[str]
    scores: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    table: pd.DataFrame | None = None
    overall: Mapping[str, np.ndarray] = field(default_factory=dict)
    varied: str = ""
    distances: np.ndarray | None = None
    bands: Sequence[Band] = ()
    levels: Mapping[str, Mapping[Role, np.ndarray]] = field(default_factory=dict)
    shared: Collection[str] = ()
    unanswered: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether the networks answered nothing, so that there is no result."""
        return bool(self.unanswered) and not self.scores and not self.overall

    def of_members(self, which: slice) -> ProbeResult:
        """The result of neighbouring members alone, without the table."""
        return replace(
            self,
            scores={name: values[which] for name, values in self.scores.items()},
            arrays={name: array if name in self.shared else array[which] for name, array in self.arrays.items()},
            table=None,
            overall={name: values[which] for name, values in self.overall.items()},
            levels={
                measure: {role: values[which] for role, values in levels.items()}
                for measure, levels in self.levels.items()
            },
        )

    def main_metrics(self, probe: str, stated: Sequence[Score] = ()) -> dict[str, np.ndarray]:
        """What models are compared by, ``(seeds,)`` by full name: the main measure, or its mean over each band.

        Args:
            stated: the probe's scores, from which the main one is taken.
        """
        main = self.main_measure(stated)
        means = self.mean_metrics(probe, main)
        return {name: scores for name, scores in means.items() if MetricName.parse(name).measure == main}

    def all_scores(self, probe: str, stated: Sequence[Score] = ()) -> dict[str, np.ndarray]:
        """Everything that is recorded of a probe, ``(seeds,)`` by full name: means, scores at values, and levels."""
        main = self.main_measure(stated)
        return self.mean_metrics(probe, main) | self.value_metrics(probe) | self.level_metrics(probe, main)

    def main_measure(self, stated: Sequence[Score] = ()) -> str | None:
        """The measure by which models are compared: of the probe's main score, or else its first."""
        measured = [*self.overall, *self.scores]
        score = main_score(measured, stated)
        return next(iter(measured), None) if score is None else score.name

    def mean_metrics(self, probe: str, main: str | None) -> dict[str, np.ndarray]:
        """`overall`, and the main measure's means: ``probe/<probe>/<measure>``, ``probe/<probe>/<band>/<measure>``."""
        return {
            str(MetricName("probe", measure, probe, band=band)): values
            for band, measure, values in self.summary_scores()
            if measure == main or measure in self.overall
        }

    def value_metrics(self, probe: str) -> dict[str, np.ndarray]:
        """Every score at every value: ``probe/<probe>/<value>/<measure>``."""
        return {
            str(MetricName("probe", measure, probe, label)): values[:, i]
            for measure, values in self.scores.items()
            for i, label in enumerate(self.labels)
        }

    def level_metrics(self, probe: str, main: str | None) -> dict[str, np.ndarray]:
        """The levels of the main measure, averaged as its scores are."""
        return {
            str(MetricName("reference", main, probe, band=band, role=role)): levels[:, places].mean(1)
            for role, levels in self.levels.get(main or "", {}).items()
            for band, places in self.places_by_band().items()
            if main
        }

    def summary_scores(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Band, measure and ``(seeds,)`` of `overall`, and of every score's unweighted mean over a band's values."""
        yield from (("", measure, values) for measure, values in self.overall.items())
        for measure, values in self.scores.items():
            for band, places in self.places_by_band().items():
                yield band, measure, values[:, places].mean(1)

    def places_by_band(self) -> dict[str, list[int]]:
        """The indices of each band's values; those of all values, without a name, where no training range is known."""
        count = next((values.shape[1] for values in self.scores.values()), 0)
        if not self.bands:
            return {"": list(range(count))} if count else {}
        places = {band: [index for index, other in enumerate(self.bands) if other == band] for band in BANDS}
        return {band: indices for band, indices in places.items() if indices}

    def level(self, measure: str, role: Role) -> np.ndarray:
        """A level at each value, ``(values,)``: the median over members, each of which has its own sequences."""
        return np.asarray(np.median(self.levels[measure][role], 0))

    def labelled_levels(self, measure: str) -> dict[str, np.ndarray]:
        """Each `level` of a measure, by its name for people."""
        return {level_label(role): self.level(measure, role) for role in self.levels.get(measure, {})}

    def rows(self, seeds: Sequence[int]) -> pd.DataFrame:
        """One row per member, value and measure.

        Columns ``seed, varied, value, distance, band, metric, score``, and one for each role of the levels.
        """
        none = np.full((len(seeds), len(self.labels)), np.nan)
        distances = none[0] if self.distances is None else self.distances
        roles = dict.fromkeys(role for levels in self.levels.values() for role in levels)
        rows = []
        for measure in dict.fromkeys([*self.scores, *self.levels]):
            columns = [self.scores.get(measure, none)]
            columns += [self.levels.get(measure, {}).get(role, none) for role in roles]
            for i, seed in enumerate(seeds):
                for j, label in enumerate(self.labels):
                    place = (label, float(distances[j]), self.bands[j] if self.bands else "", measure)
                    rows.append((seed, self.varied, *place, *(float(column[i, j]) for column in columns)))
        names = ["seed", "varied", "value", "distance", "band", "metric", "score"]
        return pd.DataFrame(rows, columns=[*names, *roles])
