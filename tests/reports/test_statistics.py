"""Intervals cover the truth as often as they say, and differences are real as seldom and as often as they should be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from seqprobe.reports.statistics import (
    Difference,
    Interval,
    holm_rejections,
    median_interval,
    paired_difference,
    seeds_needed,
    seeds_of_t_test,
)

POPULATIONS = 1000
Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
DISTRIBUTIONS: dict[str, tuple[Draw, float]] = {
    "normal": (lambda source, shape: source.normal(size=shape), 0.0),
    "lognormal": (lambda source, shape: source.lognormal(size=shape), 1.0),
    "cauchy": (lambda source, shape: source.standard_cauchy(size=shape), 0.0),
}
"""A draw, and its true median."""


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], Interval(3, 3, 3, 1)),
        ([2.0, 9.0, 1.0, 5.0, 4.0], Interval(4, 1, 9, 5)),  # 93.75 %: no wider interval without a distribution
        ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], Interval(0, 0, 0, 8)),
    ],
)
def test_median_interval(values: list[float], expected: Interval) -> None:
    assert median_interval(values) == expected


def test_it_lies_between_the_order_statistics_that_cover_too_often_and_too_seldom() -> None:
    # Ten values: second and ninth cover with 97.85 %, third and eighth with 89.06 %; Hettmansperger and Sheather's
    # weight is (10 - 2) I / (2 + (10 - 4) I) with I = (.978516 - .95) / (.978516 - .890625) = .3244.
    share = (0.978515625 - 0.95) / (0.978515625 - 0.890625)
    weight = 8 * share / (2 + 6 * share)
    found = median_interval(list(range(10)))
    assert found.low == pytest.approx(1 + weight)
    assert found.high == pytest.approx(8 - weight)
    assert 1 < found.low < 2


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("n", [6, 7, 10, 20])
def test_intervals_cover_the_truth(name: str, n: int) -> None:
    draw, truth = DISTRIBUTIONS[name]
    found = [median_interval(own.tolist()) for own in draw(np.random.default_rng(n), (POPULATIONS, n))]
    assert 0.93 <= np.mean([each.low <= truth <= each.high for each in found]) <= 0.97


def test_below_six_seeds_the_range_covers_as_often_as_it_says() -> None:
    for n, covered in ((2, 0.5), (3, 0.75), (4, 0.875), (5, 0.9375)):
        values = np.random.default_rng(n).normal(size=(4 * POPULATIONS, n))
        found = [median_interval(own.tolist()) for own in values]
        assert np.mean([each.low <= 0 <= each.high for each in found]) == pytest.approx(covered, abs=0.02)


def significant(differences: list[Difference]) -> list[bool]:
    """Which differences are called real, together."""
    rejected = holm_rejections([difference.p for difference in differences])
    return [is_rejected and one.excludes_zero for is_rejected, one in zip(rejected, differences, strict=True)]


def called_different(first: np.ndarray, second: np.ndarray) -> float:
    """In how many of the pairs of populations ``(pairs, seeds)`` a difference is real."""
    return float(
        np.mean(
            [significant([paired_difference(a, b)])[0] for a, b in zip(first.tolist(), second.tolist(), strict=True)]
        )
    )


@pytest.mark.parametrize("n", [5, 10, 20])
@pytest.mark.parametrize("name", ["normal", "cauchy"])
def test_models_that_are_alike_are_seldom_called_different(name: str, n: int) -> None:
    draw, source = DISTRIBUTIONS[name][0], np.random.default_rng(n)
    assert called_different(draw(source, (POPULATIONS, n)), draw(source, (POPULATIONS, n))) <= 0.05


def test_of_many_models_that_are_alike_some_pair_is_seldom_called_different() -> None:
    source, wrong = np.random.default_rng(7), 0
    for _ in range(2 * POPULATIONS):
        models = source.normal(size=(4, 10)).tolist()
        pairs = [paired_difference(models[i], models[j]) for i in range(4) for j in range(i)]
        wrong += any(significant(pairs))
    assert wrong / (2 * POPULATIONS) <= 0.05


@pytest.mark.parametrize("n", [2, 3, 5, 10])
@pytest.mark.parametrize(("answers", "chance"), [(20, 0.9), (4, 0.5), (100, 0.99)])
def test_accuracies_that_are_alike_are_seldom_called_different(n: int, answers: int, chance: float) -> None:
    source = np.random.default_rng(answers)
    first, second = source.binomial(answers, chance, (2, POPULATIONS, n)) / answers
    assert called_different(first, second) <= 0.05


@pytest.mark.parametrize("effect", [0.5, 1.0])
def test_as_many_seeds_as_are_said_to_be_needed_do(effect: float) -> None:
    own = np.random.default_rng(3).normal(effect, 1, (POPULATIONS, seeds_needed(effect)))
    assert 0.77 <= called_different(own, np.zeros_like(own)) <= 0.93


def test_two_standard_deviations_are_found_with_ten_seeds() -> None:
    source = np.random.default_rng(0)
    shared, own = source.normal(size=(2, POPULATIONS, 10)), source.normal(size=(POPULATIONS, 10))
    assert called_different(own + 2, np.zeros_like(own)) >= 0.99  # of the seeds' differences
    assert called_different(shared[0] + 2, shared[1]) >= 0.9  # of each model's own seeds, which share nothing


@pytest.mark.parametrize(
    ("effect", "expected"),
    [(1.0, 10), (0.5, 34), (0.2, 199)],  # as Cohen (1988) and every power table have it
)
def test_seeds_of_a_t_test(effect: float, expected: int) -> None:
    assert seeds_of_t_test(effect) == expected


def test_seeds_needed() -> None:
    assert seeds_needed(1.0) == 16  # 10 pi / 2
    assert seeds_needed(1.0, pairs=15) > seeds_needed(1.0, pairs=3) > seeds_needed(1.0)
    assert seeds_needed(1e-6) == 10_000
    assert seeds_needed(50.0) == 4


@pytest.mark.parametrize(("first", "p"), [([1.0, 2.0, 3.0], 1.0), ([2.0, 3.0, 4.0], 0.25)])
def test_differences_without_spread(first: list[float], p: float) -> None:
    found = paired_difference(first, [1.0, 2.0, 3.0])
    assert found == Difference(Interval(first[0] - 1, first[0] - 1, first[0] - 1, 3), 0.0, p)


def test_holm_stops_at_the_first_that_is_chance() -> None:
    assert holm_rejections([0.04, 0.001, 0.02]) == [True, True, True]
    assert holm_rejections([0.04, 0.001, 0.03]) == [False, True, False]
    assert holm_rejections([]) == []


def test_models_are_equivalent_if_both_tests_exclude_the_margin_on_both_sides() -> None:
    close = paired_difference([0.01, -0.01, 0.02, 0.0, 0.01, -0.02, 0.0, 0.01], [0.0] * 8, margin=0.1)
    assert close.p_equivalent == pytest.approx(0.5**8)  # the sign test's: the t-test's is far smaller
    wide = paired_difference([0.09, -0.09, 0.09, -0.09, 0.08, -0.08, 0.05, 0.0], [0.0] * 8, margin=0.1)
    # the mean is 0.00625 with a standard error of 0.02909: t = -0.09375 / 0.02909 = -3.223 with 7 degrees of freedom
    assert wide.p_equivalent == pytest.approx(0.0073, abs=0.0001)
    off = paired_difference([0.1 + step for step in (0.01, -0.01, 0.02, -0.02)], [0.0] * 4, margin=0.1)
    assert off.p_equivalent > 0.4
    assert paired_difference([0.0] * 4, [0.0] * 4, margin=0.1).p_equivalent == 0.5**4  # four equal seeds are too few
    assert paired_difference([0.0] * 4, [0.0] * 4).p_equivalent == 1.0


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("n", [5, 10, 30])
def test_models_that_differ_by_the_margin_are_seldom_called_equivalent(name: str, n: int) -> None:
    draw, truth = DISTRIBUTIONS[name]
    values = 0.05 * (draw(np.random.default_rng(n), (POPULATIONS, n)) - truth) + 0.1  # their median is the margin
    wrong = [paired_difference(own.tolist(), [0.0] * n, margin=0.1).p_equivalent <= 0.05 for own in values]
    assert np.mean(wrong) <= 0.05
