"""What a handful of seeds says about a median, and about the difference between two models."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, pi
from typing import NamedTuple

import numpy as np
from scipy import stats

CONFIDENCE, LEVEL, POWER = 0.95, 0.05, 0.8
MOST_SEEDS = 10_000
"""Where counting ends."""


class Interval(NamedTuple):
    """A median over seeds and the interval that encloses the true one."""

    median: float
    low: float
    high: float
    n: int


def median_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Median with its distribution-free interval (the sign test's, interpolated: Hettmansperger & Sheather 1986).

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
    """What paired seeds say of two models: each seed's difference, first minus second.

    Attributes:
        interval: of the median difference.
        spread: the standard deviation of the differences.
        p: the chance of so clear a difference between two models that are alike (paired t-test).
    """

    interval: Interval
    spread: float
    p: float


def paired_difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare two models on the same seeds, two at least.

    Errors are best given as logarithms, whose differences are ratios.
    """
    differences = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    spread, n = float(differences.std(ddof=1)), len(differences)
    interval = median_interval(differences.tolist())
    if spread <= 1e-12 * float(np.abs(differences).max()):
        return Difference(interval, 0.0, 0.5 ** (n - 1) if differences[0] else 1.0)  # the sign test's: steps of a count
    p = float(2 * stats.t.sf(abs(differences.mean()) / spread * n**0.5, n - 1))
    return Difference(interval, spread, p)


def seeds_needed(effect: float, pairs: int = 1) -> int:
    """About how many seeds show an effect, in standard deviations, four times in five.

    Of several ``pairs`` that are looked at together, each has to be clearer; and since the interval of the median has
    to say so too, which needs pi / 2 as many seeds as one of the mean, it takes more than the t-test's.
    """
    return min(MOST_SEEDS, ceil(pi / 2 * seeds_of_t_test(effect, LEVEL / pairs)))


def seeds_of_t_test(effect: float, level: float = LEVEL) -> int:
    """The fewest seeds with which a paired t-test sees an effect, in standard deviations, four times in five."""

    def power(n: int) -> float:
        edge = stats.t.ppf(1 - level / 2, n - 1)
        return float(stats.nct.sf(edge, n - 1, effect * n**0.5))

    as_if_normal = (stats.norm.ppf(1 - level / 2) + stats.norm.ppf(POWER)) / effect
    n = max(2, int(min(as_if_normal**2, MOST_SEEDS)))
    while n < MOST_SEEDS and power(n) < POWER:
        n += 1
    return n


def significant(found: Sequence[Difference], pairs: int | None = None) -> list[bool]:
    """Which of several differences are real: beyond chance with all of them together, and the interval without zero.

    Together means Holm's (1979) correction: of models that are all alike, some pair is called different in at most
    5 % of cases.

    Args:
        pairs: how many there were to choose from, if these were chosen; None: as many as are given.
    """
    family = len(found) if pairs is None else pairs
    order = np.argsort([each.p for each in found], kind="stable")
    real = [False] * len(found)
    for rank, index in enumerate(order):
        if found[index].p > LEVEL / (family - rank):
            break
        low, high = found[index].interval.low, found[index].interval.high
        real[index] = low > 0 or high < 0
    return real
