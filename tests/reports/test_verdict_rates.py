"""The words of a comparison are wrong as seldom as the page says: simulated members go through the whole chain.

Every limit allows two standard errors of the simulation, whose seed is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
from reports.members import with_scores

from seqprobe.learned import member_outcomes
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import BETTER, EQUIVALENT, TOO_FEW, WORSE, Pair, Variant
from seqprobe.reports.ranking import Ranking, rank_variants
from seqprobe.reports.selection import current_members
from seqprobe.scoring import ACCURACY, RMSE

Draw = Callable[[np.random.Generator, int, int], np.ndarray]
"""Draws a model's scores of shape ``(pages, seeds)``; infinite where a member diverged, NaN where it has no answer."""
QUICK, LARGE = 100, 1_000
LEVEL = 0.05
CONSTANTS = {"val/rmse": (RMSE, 1.0), "val/accuracy": (ACCURACY, 0.25)}
"""The score that a metric measures, and that of the best constant predictor."""


def draw_models(
    seed: int, pages: int, seeds: int, draws: Sequence[Draw], metric: str
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Scores and outcomes by model, ``(pages, seeds)`` each.

    Seeds of equal number have the same data, so that a part of the luck with errors is shared by all models.
    """
    source, (score, constant) = np.random.default_rng(seed), CONSTANTS[metric]
    shared = np.exp(source.normal(0, 0.2, (pages, seeds))) if score.log else np.ones((pages, seeds))
    models = {}
    for index, draw in enumerate(draws):
        values = draw(source, pages, seeds) * shared
        diverged = np.isinf(values)
        finite = np.where(diverged, np.nan, values)
        levels = {"constant": np.full(values.size, constant)}
        outcomes = member_outcomes(score, finite.ravel(), levels, diverged.ravel())
        models[f"m{index}"] = finite, np.array(outcomes).reshape(values.shape)
    return models


def simulate(seed: int, pages: int, seeds: int, draws: Sequence[Draw], metric: str = "val/rmse") -> list[Ranking]:
    """Rankings of models whose scores are drawn: one score of one task each."""
    models = draw_models(seed, pages, seeds, draws, metric)
    rankings = []
    for page in range(pages):
        variants = [
            Variant(name, name, name, "1", {}, {}, dict(enumerate(outcomes[page].tolist())))
            for name, (_, outcomes) in models.items()
        ]
        by_model = {
            name: {seed: value for seed, value in enumerate(values[page].tolist()) if np.isfinite(value)}
            for name, (values, _) in models.items()
        }
        rankings.append(rank_variants(metric, CONSTANTS[metric][0], variants, by_model))
    return rankings


def member_rows(model: str, values: np.ndarray, outcomes: np.ndarray, metric: str) -> pd.DataFrame:
    """One model's members as a store gives them; every page is a task of its own."""
    page, seed = (grid.ravel() for grid in np.indices(values.shape))
    names = [f"{model}-{task}" for task in page]
    return pd.DataFrame(
        {
            "run_id": [f"{name}-{member}" for name, member in zip(names, seed, strict=True)],
            **{"parent_id": names, "experiment_id": "1", "task": [f"t{task:05d}" for task in page], "model": model},
            **{"preset": "", "overrides": "", "seed": seed, "training": model, "tuned": "", "started": 1},
            **{"status": "FINISHED", "outcome": outcomes.ravel(), "metric": metric, "value": values.ravel()},
        }
    )


@pytest.mark.parametrize("metric", CONSTANTS)
def test_stored_members_get_the_words_that_are_simulated(metric: str) -> None:
    draws = {"val/rmse": [solving(0.8), lognormal(0.05), broken(0.3)], "val/accuracy": [answers(0.98)] * 3}[metric]
    models = draw_models(6, 10, 10, draws, metric)
    rows = pd.concat([member_rows(name, *drawn, metric) for name, drawn in models.items()], ignore_index=True)
    stored = comparisons(current_members(with_scores(rows)))
    rankings = simulate(6, 10, 10, draws, metric)
    assert [list(comparison.pairs) for comparison in stored] == [list(ranking.pairs) for ranking in rankings]
    assert [sum(comparison.tested.values()) for comparison in stored] == [ranking.tested for ranking in rankings]


def lognormal(median: float, spread: float = 0.5) -> Draw:
    return lambda source, pages, seeds: median * np.exp(source.normal(0, spread, (pages, seeds)))


def heavy(median: float) -> Draw:
    """Logarithms with Student's t distribution of 1.5 degrees of freedom, whose variance is infinite."""
    return lambda source, pages, seeds: median * np.exp(np.clip(0.3 * source.standard_t(1.5, (pages, seeds)), -20, 20))


def broken(median: float) -> Draw:
    """A tenth of the members diverge and a tenth have no answer."""

    def draw(source: np.random.Generator, pages: int, seeds: int) -> np.ndarray:
        luck = source.random((pages, seeds))
        values = lognormal(median)(source, pages, seeds)
        return np.where(luck < 0.1, np.inf, np.where(luck < 0.2, np.nan, values))

    return draw


def solving(share: float) -> Draw:
    """RMSEs near 1 % of the constant's with a probability, else near the constant's."""

    def draw(source: np.random.Generator, pages: int, seeds: int) -> np.ndarray:
        solves = source.random((pages, seeds)) < share
        return np.where(solves, 0.01, 0.7) * np.exp(source.normal(0, 0.1, (pages, seeds)))

    return draw


def answers(chance: float, count: int = 50) -> Draw:
    """Accuracies with many ties: right answers of a few."""
    return lambda source, pages, seeds: source.binomial(count, chance, (pages, seeds)) / count


def saturated(share: float) -> Draw:
    """Accuracies that are exactly 1 with a probability, else 0.97: nearly all are tied."""
    return lambda source, pages, seeds: np.where(source.random((pages, seeds)) < share, 1.0, 0.97)


def limit(probability: float, pages: int) -> float:
    """A probability and two standard errors of its estimate from so many pages."""
    return float(probability + 2 * (probability * (1 - probability) / pages) ** 0.5)


def rate(compared: Sequence[Ranking], is_counted: Callable[[Pair], bool]) -> float:
    """In what share of families (a task and a score) some pair counts."""
    return float(np.mean([any(is_counted(pair) for pair in ranking.pairs) for ranking in compared]))


def is_different(pair: Pair) -> bool:
    return pair.word in (BETTER, WORSE)


def is_equivalent(pair: Pair) -> bool:
    return pair.word == EQUIVALENT


ALIKE: dict[str, tuple[Draw, str]] = {
    "errors that solve": (lognormal(0.005), "val/rmse"),
    "errors around the level of solving": (lognormal(0.05), "val/rmse"),
    "heavy tails": (heavy(0.3), "val/rmse"),
    "solved by half": (solving(0.5), "val/rmse"),
    "solved by nearly all": (solving(0.95), "val/rmse"),
    "diverged and missing": (broken(0.3), "val/rmse"),
    "ties": (answers(0.98), "val/accuracy"),
    "saturated": (saturated(0.8), "val/accuracy"),
    "no chance": (answers(0.25), "val/accuracy"),
}


def assert_alike_models_are_seldom_called_different(name: str, pages: int, seeds: int, models: int) -> None:
    draw, metric = ALIKE[name]
    compared = simulate(1, pages, seeds, [draw] * models, metric)
    assert len(compared) == pages
    assert sum(ranking.tested for ranking in compared) > 0.3 * pages * models * (models - 1) / 2
    assert rate(compared, is_different) <= limit(LEVEL, pages)


@pytest.mark.parametrize("name", ALIKE)
def test_alike_models_are_seldom_called_different(name: str) -> None:
    assert_alike_models_are_seldom_called_different(name, QUICK, 10, 3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seeds", "models"),
    [*((name, seeds, 3) for name in ALIKE for seeds in (5, 10)), ("heavy tails", 10, 6), ("solved by half", 10, 6)],
)
def test_alike_models_are_seldom_called_different_in_many_pages(name: str, seeds: int, models: int) -> None:
    assert_alike_models_are_seldom_called_different(name, LARGE, seeds, models)


MARGIN = 1.1
"""Models whose errors differ by this ratio are not equivalent."""
APART: dict[str, tuple[list[Draw], str]] = {
    "little spread": ([lognormal(0.005, 0.02), lognormal(0.005 * MARGIN, 0.02)], "val/rmse"),
    "much spread": ([lognormal(0.3, 0.3), lognormal(0.3 * MARGIN, 0.3)], "val/rmse"),
    "heavy tails": ([heavy(0.2), heavy(0.2 * MARGIN)], "val/rmse"),
    "half tied": ([saturated(1.0), saturated(0.5)], "val/accuracy"),
    "ties": ([answers(0.98, 100), answers(0.97, 100)], "val/accuracy"),
}


def assert_models_apart_are_seldom_called_equivalent(name: str, pages: int, seeds: int, models: int) -> None:
    draws, metric = APART[name]
    compared = simulate(2, pages, seeds, [*draws, lognormal(0.9)][:models], metric)
    wrong = rate(compared, lambda pair: is_equivalent(pair) and (pair.first, pair.second) == ("m0", "m1"))
    assert wrong <= limit(LEVEL, pages)


@pytest.mark.parametrize("name", APART)
def test_models_as_far_apart_as_the_margin_are_seldom_called_equivalent(name: str) -> None:
    assert_models_apart_are_seldom_called_equivalent(name, QUICK, 10, 2)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [5, 10, 30])
@pytest.mark.parametrize("name", APART)
def test_models_apart_are_seldom_called_equivalent_in_many_pages(name: str, seeds: int) -> None:
    assert_models_apart_are_seldom_called_equivalent(name, LARGE, seeds, 2)


def test_equal_models_with_little_spread_are_called_equivalent() -> None:
    compared = simulate(3, 20, 10, [lognormal(0.005, 0.02)] * 3)
    # the spread of a difference is 2 % sqrt(2): nearly all of ten lie within 10 %
    assert np.mean([pair.word == EQUIVALENT for ranking in compared for pair in ranking.pairs]) >= 0.95


def told_apart(pages: int, third: float) -> float:
    """How often a model that solves 9 in 10 is called better than one that solves 5 in 10, beside a third one."""
    compared = simulate(4, pages, 20, [solving(0.9), solving(0.5), solving(third)])
    return rate(compared, lambda pair: (pair.first, pair.second, pair.word) == ("m0", "m1", BETTER))


def test_nine_in_ten_is_told_from_five_in_ten() -> None:
    assert told_apart(2 * QUICK, 0.7) >= 1 - limit(0.5, 2 * QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("third", [0.1, 0.5, 0.7, 0.9])
def test_nine_in_ten_is_told_from_five_in_ten_in_many_pages(third: float) -> None:
    assert told_apart(LARGE, third) >= 1 - limit(0.5, LARGE)


@pytest.mark.parametrize("seeds", [1, 3])
def test_too_few_seeds_decide_nothing(seeds: int) -> None:
    compared = simulate(5, 5, seeds, [lognormal(0.001), lognormal(0.5)])
    assert {pair.word for ranking in compared for pair in ranking.pairs} == {TOO_FEW}
    assert [ranking.marks for ranking in compared] == [{}] * 5
