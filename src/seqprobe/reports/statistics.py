"""Medians over a few seeds with their intervals, and tests of the difference between two models."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, pi
from typing import NamedTuple

import numpy as np

from seqprobe.reports.distributions import binomial_cdf, normal_quantile, t_power, t_test, t_test_below

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
    covered = 1 - 2 * binomial_cdf(np.arange((n + 1) // 2), n, 0.5)
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
        p_equivalent: the probability of differences as small between models that differ by a margin or more.
    """

    interval: Interval
    spread: float
    p: float
    p_equivalent: float = 1.0

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval of the median difference does."""
        return self.interval.low > 0 or self.interval.high < 0


def paired_difference(first: Sequence[float], second: Sequence[float], margin: float | None = None) -> Difference:
    """Compare two models on the same seeds, two at least.

    Errors are best given as logarithms, whose differences are ratios. Where all seeds have the same difference the
    t-test has no variance to estimate, and ``p`` is the sign test's.

    Args:
        margin: the smallest difference that matters; None: any does, so that no models are equivalent.
    """
    differences = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    spread, n = float(differences.std(ddof=1)), len(differences)
    interval = median_interval(differences.tolist())
    if spread <= 1e-12 * float(np.abs(differences).max()):
        p, spread = float(2 * binomial_cdf(0, n, 0.5)) if differences[0] else 1.0, 0.0
    else:
        p = t_test(differences)
    return Difference(interval, spread, p, 1.0 if margin is None else equivalence_p(differences, spread, margin))


def equivalence_p(differences: np.ndarray, spread: float, margin: float) -> float:
    """The larger p-value of two one-sided tests: that the difference is below ``margin``, and above its negative.

    Both by the paired t-test (Schuirmann 1987) and by the sign test, of which the larger p-value counts: equal seeds
    have no spread, and a few seeds with a small one can hide rare large differences, which the t-test would overlook.
    """
    n, worst = len(differences), 0.0
    for side in (differences, -differences):
        worst = max(worst, float(binomial_cdf((side >= margin).sum(), n, 0.5)))
        if spread:
            worst = max(worst, t_test_below(side, margin))
    return worst


def seeds_needed(effect: float, pairs: int = 1) -> int:
    """About how many seeds show an effect, in standard deviations, four times in five.

    Of several ``pairs`` that are compared together, each is tested at a stricter level (Bonferroni). The interval of
    the median has to exclude zero as well, which for normal differences takes pi / 2 as many seeds as a test of the
    mean: the inverse of the median's asymptotic relative efficiency (Lehmann 1999, Elements of Large-Sample Theory).
    """
    return min(MOST_SEEDS, ceil(pi / 2 * seeds_of_t_test(effect, LEVEL / pairs)))


def seeds_of_t_test(effect: float, level: float = LEVEL) -> int:
    """The fewest seeds with which a paired t-test finds an effect, in standard deviations, four times in five."""
    as_if_normal = (normal_quantile(1 - level / 2) + normal_quantile(POWER)) / effect
    n = max(2, int(min(as_if_normal**2, MOST_SEEDS)))
    while n < MOST_SEEDS and t_power(effect, n, level) < POWER:
        n += 1
    return n


def holm_rejections(p_values: Sequence[float]) -> list[bool]:
    """Which of several hypotheses that are tested together are rejected, by Holm's (1979) correction.

    The probability that any true one is rejected is at most 5 %. SciPy lacks this correction.
    """
    rejected = [False] * len(p_values)
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        if p_values[index] > LEVEL / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected
