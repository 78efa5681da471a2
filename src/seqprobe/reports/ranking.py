"""Which models are best by a score, which are statistically tied with them, and how each two differ."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from seqprobe.reports.comparison import Pair
from seqprobe.reports.statistics import Difference, paired_difference, significant
from seqprobe.scoring import Score

MOST_PAIRED = 6
"""Up to so many models each two are compared; of more, each with the best."""
Seeds = Mapping[int, float]
"""A model's finite values, by seed."""


def rank_models(metric: str, score: Score, by_model: Mapping[str, Seeds]) -> tuple[dict[str, str], list[Pair]]:
    """Marks by model, ``best`` and ``tied``, and the differences between each two models.

    One seed is no evidence: a model with fewer than two is neither best nor tied. Nothing is best where only one has
    more, where the best median's seeds are not those of all others, or by a score that has no direction.
    """
    medians = {name: float(np.median(list(seeds.values()))) for name, seeds in by_model.items() if len(seeds) > 1}
    if score.better is None or len(medians) < 2:
        return {}, []
    best = (max if score.better == "higher" else min)(medians, key=lambda name: medians[name])
    couples = list(itertools.combinations(medians, 2))
    family = len(couples)
    if len(medians) > MOST_PAIRED:
        couples = [couple for couple in couples if best in couple]
    differences = {couple: seed_differences(score, *(by_model[name] for name in couple)) for couple in couples}
    known = {couple: difference for couple, difference in differences.items() if difference is not None}
    real = dict(zip(known, significant(list(known.values()), family), strict=True))
    pairs = [Pair(metric, score, *couple, differences[couple], real.get(couple, False)) for couple in couples]
    with_best = [pair for pair in pairs if best in (pair.first, pair.second)]
    if any(pair.difference is None for pair in with_best):
        return {}, pairs
    tied = {name for pair in with_best if not pair.real for name in (pair.first, pair.second)}
    return {**dict.fromkeys(tied, "tied"), best: "best"}, pairs


def seed_differences(score: Score, first: Seeds, second: Seeds) -> Difference | None:
    """The difference on the seeds that both have; None with fewer than two of them."""
    shared = [seed for seed in first if seed in second]
    if len(shared) < 2:
        return None
    values = [np.array([seeds[seed] for seed in shared]) for seeds in (first, second)]
    if score.log:
        values = [np.log(np.maximum(value, np.finfo(float).tiny)) for value in values]
    return paired_difference(values[0].tolist(), values[1].tolist())
