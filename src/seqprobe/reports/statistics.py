"""Medians over a few seeds with their intervals, and tests of the difference between two models."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, pi
from typing import NamedTuple

import numpy as np
from scipy import stats

CONFIDENCE, LEVEL, POWER = 0.95, 0.05, 0.8
MOST_SEEDS = 10_000
"""The largest number of seeds that is ever recommended."""


class Interval(NamedTuple):
    """A median over seeds and the interval that encloses the true one."""

    median: float
    low: float
    high: float
    n: int


def median_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Median with its distribution-free interval: the sign test's, interpolated (Hettmansperger & Sheather 1986).

    Between two neighbouring pairs of order statistics, of which one covers too often and the other too seldom, so that
    it covers with very nearly ``confidence`` whatever the distribution. Fewer than six values cannot reach 95 %; then
    it is their whole range, which covers with 1 - 2^(1 - n): 93.75 % for five.
    """
    ordered, n = np.sort(np.asarray(values, dtype=float)), len(values)
    # covered[k - 1]: how often the k-th smallest and the k-th greatest value enclose the median
    covered = 1 - 2 * stats.binom.cdf(np.arange((n + 1) // 2), n, 0.5)
    depth = int((covered >= confidence).sum())
    if depth == 0 or depth == len(covered):
        outermost = max(depth - 1, 0)
        return Interval(float(np.median(ordered)), float(ordered[outermost]), float(ordered[n - 1 - outermost]), n)
    share = (covered[depth - 1] - confidence) / (covered[depth - 1] - covered[depth])
    weight = (n - depth) * share / (depth + (n - 2 * depth) * share)
    low = (1 - weight) * ordered[depth - 1] + weight * ordered[depth]
    high = (1 - weight) * ordered[n - depth] + weight * ordered[n - depth - 1]
    return Interval(float(np.median(ordered)), float(low), float(high), n)


class Difference(NamedTuple):
    """The difference of two models on the same seeds: each seed's, first minus second.

    Attributes:
        interval: of the median difference.
        spread: the standard deviation of the differences.
        p: the probability of so large a difference between equally good models (paired t-test).
    """

    interval: Interval
    spread: float
    p: float


def paired_difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two models on the same seeds, two at least.

    Errors are best given as logarithms, whose differences are ratios. Where all seeds have the same difference the
    t-test has no variance to estimate, and ``p`` is the sign test's.
    """
    differences = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    spread, n = float(differences.std(ddof=1)), len(differences)
    interval = median_interval(differences.tolist())
    if spread <= 1e-12 * float(np.abs(differences).max()):
        p = float(stats.binomtest(0, n).pvalue) if differences[0] else 1.0
        return Difference(interval, 0.0, p)
    return Difference(interval, spread, float(stats.ttest_rel(first, second).pvalue))


def seeds_needed(effect: float, pairs: int = 1) -> int:
    """About how many seeds show an effect, in standard deviations, four times in five.

    Of several ``pairs`` that are compared together, each is tested at a stricter level (Bonferroni). The interval of
    the median has to exclude zero as well, which for normal differences takes pi / 2 as many seeds as a test of the
    mean: the inverse of the median's asymptotic relative efficiency (Lehmann 1999, Elements of Large-Sample Theory).
    """
    return min(MOST_SEEDS, ceil(pi / 2 * seeds_of_t_test(effect, LEVEL / pairs)))


def seeds_of_t_test(effect: float, level: float = LEVEL) -> int:
    """The fewest seeds with which a paired t-test finds an effect, in standard deviations, four times in five.

    Its power is a noncentral t distribution's (Cohen 1988, Statistical Power Analysis, chapter 2).
    """

    def power(n: int) -> float:
        edge = stats.t.ppf(1 - level / 2, n - 1)
        return float(stats.nct.sf(edge, n - 1, effect * n**0.5))

    as_if_normal = (stats.norm.ppf(1 - level / 2) + stats.norm.ppf(POWER)) / effect
    n = max(2, int(min(as_if_normal**2, MOST_SEEDS)))
    while n < MOST_SEEDS and power(n) < POWER:
        n += 1
    return n


def significant(differences: Sequence[Difference], pairs: int | None = None) -> list[bool]:
    """Which of several differences are real: beyond chance with all of them together, and the interval without zero.

    Together means Holm's (1979) correction, which SciPy lacks: among equally good models some pair is called different
    in at most 5 % of cases.

    Args:
        pairs: how many there were to choose from, if these were chosen; None: as many as are given.
    """
    family = len(differences) if pairs is None else pairs
    order = np.argsort([difference.p for difference in differences], kind="stable")
    real = [False] * len(differences)
    for rank, index in enumerate(order):
        if differences[index].p > LEVEL / (family - rank):
            break
        low, high = differences[index].interval.low, differences[index].interval.high
        real[index] = low > 0 or high < 0
    return real
