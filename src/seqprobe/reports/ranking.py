"""How each two models differ by a score, in one of five words, and which models are best."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seqprobe.reports.comparison import (
    BEST,
    BETTER,
    EQUIVALENT,
    TOO_FEW,
    UNDECIDED,
    UNRANKED,
    WORSE,
    Pair,
    Variant,
)
from seqprobe.reports.margins import margin_of
from seqprobe.reports.share_statistics import compare_shares
from seqprobe.reports.statistics import Difference, holm_rejections, paired_difference
from seqprobe.scoring import MetricName, Score

FEWEST = 4
"""The fewest seeds in common of two models that are compared."""
MOST_PAIRED = 6
"""Up to so many models each two are shown; of more, each with the one with the best median. All pairs are tested."""
Seeds = Mapping[int, float]
"""A model's finite values, by seed."""
Solved = Mapping[int, bool]
"""Which of a model's seeds solved the task; those that diverged did not."""


@dataclass(frozen=True)
class Ranking:
    """Models compared by one score.

    Attributes:
        marks: by model, as in `ScoreSummary`.
        pairs: those that are shown.
        tested: how many pairs are compared together; those with too few seeds are not.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    pairs: Sequence[Pair] = ()
    tested: int = 0


def rank_variants(
    metric: str,
    score: Score,
    variants: Sequence[Variant],
    by_model: Mapping[str, Seeds],
    constant: float | None = None,
) -> Ranking:
    """Compare models by a score: by the validation's, all of them; by a probe's, those that learned the task.

    Nothing is best that did not learn, or is no better than the constant predictor, whose score is ``constant``.
    """
    learners = [variant.name for variant in variants if variant.has_learned]
    if MetricName.parse(metric).group == "val":
        ranking, unranked = (
            rank_models(metric, score, by_model, {variant.name: variant.solved for variant in variants}),
            {},
        )
    else:
        ranking = rank_models(metric, score, {name: by_model[name] for name in learners})
        unranked = {name: UNRANKED for name in by_model if name not in learners} if score.better else {}
    above = [name for name in learners if constant is None or exceeds(score, by_model[name], constant)]
    return replace(
        ranking, marks={**{name: ranking.marks[name] for name in above if name in ranking.marks}, **unranked}
    )


def exceeds(score: Score, by_seed: Seeds, level: float) -> bool:
    """Whether the median over seeds is better than a reference level; False without a value."""
    if not by_seed:
        return False
    median = float(np.median(list(by_seed.values())))
    return median > level if score.better == "higher" else median < level


def rank_models(
    metric: str, score: Score, by_model: Mapping[str, Seeds], solved: Mapping[str, Solved] | None = None
) -> Ranking:
    """Compare each two models by a score.

    A model with too few seeds is compared with none, and does not prevent another one from being best. Nothing is best
    where fewer than two models have enough, where evidence is missing, or by a score that has no direction.

    Args:
        solved: by the validation's score, which seeds solved the task, of those models that can be judged. Two models
            are compared by their shares unless all seeds of both solved the task, or none did.
    """
    names = [name for name in by_model if by_model[name] or (solved or {}).get(name)]
    if score.better is None or len(names) < 2:
        return Ranking()
    couples = itertools.combinations(names, 2)
    pairs = judged_pairs([compared_pair(metric, score, couple, by_model, solved or {}) for couple in couples])
    enough = [name for name in names if max(len(by_model[name]), len((solved or {}).get(name, {}))) >= FEWEST]
    best = best_models(enough, pairs)
    tested = sum(pair.word != TOO_FEW for pair in pairs)
    if len(names) > MOST_PAIRED:
        medians = {name: float(np.median(list(by_model[name].values()))) for name in names if by_model[name]}
        leading = best[:1] or [(max if score.better == "higher" else min)(medians, key=lambda name: medians[name])]
        pairs = [pair for pair in pairs if leading[0] in (pair.first, pair.second)]
    return Ranking(dict.fromkeys(best, BEST), pairs, tested)


def compared_pair(
    metric: str,
    score: Score,
    couple: tuple[str, str],
    by_model: Mapping[str, Seeds],
    solved: Mapping[str, Solved],
) -> Pair:
    """Two models by a score: their shares of solved seeds or their difference, if they have enough seeds in common."""
    outcomes = [solved.get(name, {}) for name in couple]
    together = {is_solved for by_seed in outcomes for is_solved in by_seed.values()}
    pair = Pair(metric, score, *couple)
    if all(outcomes) and len(together) > 1:
        common = len(outcomes[0].keys() & outcomes[1].keys())
        shares = compare_shares(*(list(by_seed.values()) for by_seed in outcomes))
        return replace(pair, shares=shares if common >= FEWEST else None, common=common)
    values = [by_model[name] for name in couple]
    common = len(values[0].keys() & values[1].keys())
    return replace(pair, difference=seed_differences(score, *values) if common >= FEWEST else None, common=common)


def seed_differences(score: Score, first: Seeds, second: Seeds) -> Difference:
    """The difference on the seeds that both have."""
    shared = [seed for seed in first if seed in second]
    values = [np.array([seeds[seed] for seed in shared]) for seeds in (first, second)]
    if score.log:
        values = [np.log(np.maximum(value, np.finfo(float).tiny)) for value in values]
    margin = margin_of(score)
    return paired_difference(values[0].tolist(), values[1].tolist(), margin.size if margin else None)


def judged_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with their words; they may be of several scores.

    Holm's correction spans all pairs that are tested, once for differences and once for equivalence. Two models that
    differ by less than the margin are equivalent, even if it is certain that they differ.
    """
    tested = [(place, pair) for place, pair in enumerate(pairs) if pair.evidence is not None]
    different = holm_rejections([pair.evidence.p for _, pair in tested if pair.evidence])
    within = holm_rejections([pair.difference.p_equivalent if pair.difference else 1.0 for _, pair in tested])
    words = {}
    for (place, pair), is_different, is_within in zip(tested, different, within, strict=True):
        word = UNDECIDED
        if is_within:
            word = EQUIVALENT
        elif is_different and (pair.difference is None or pair.difference.excludes_zero):
            # shares are of seeds that solved the task: more of them is better whatever the score's direction
            is_more = pair.size > 0
            word = BETTER if is_more == (pair.shares is not None or pair.score.better == "higher") else WORSE
        words[place] = word
    return [replace(pair, family=len(tested), word=words.get(place, TOO_FEW)) for place, pair in enumerate(pairs)]


def best_models(names: Sequence[str], pairs: Sequence[Pair]) -> list[str]:
    """The models that are better than each other one or equivalent to it; none if all are equivalent."""
    words: dict[tuple[str, str], str] = {}
    for pair in pairs:
        words[pair.first, pair.second] = pair.word
        words[pair.second, pair.first] = {BETTER: WORSE, WORSE: BETTER}.get(pair.word, pair.word)
    against = {name: [words[name, other] for other in names if other != name] for name in names}
    return [name for name, row in against.items() if set(row) <= {BETTER, EQUIVALENT} and BETTER in row]
