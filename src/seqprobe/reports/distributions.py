"""Tests and quantiles of a few distributions, by SciPy's special functions.

`scipy.stats` has all of them, but takes a second and 60 MiB to load, which every sweep would pay at its end. The tests
compare these functions with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from scipy import special


def normal_quantile(p: float) -> float:
    """The standard normal distribution's quantile."""
    return float(special.ndtri(p))


def binomial_cdf(k: np.ndarray | int, n: int, p: float) -> np.ndarray:
    """The probability of at most ``k`` of ``n``."""
    return np.asarray(special.bdtr(k, n, p))


def t_power(effect: float, n: int, level: float) -> float:
    """How often a two-sided t-test of ``n`` differences finds an effect, in standard deviations, on its own side.

    The differences' t is distributed as a noncentral t (Cohen 1988, Statistical Power Analysis, chapter 2).
    """
    edge = special.stdtrit(n - 1, 1 - level / 2)
    return float(1 - special.nctdtr(n - 1, effect * n**0.5, edge))


def t_test(differences: np.ndarray) -> float:
    """The probability of a mean as far from zero if the true one is zero (Student's t, two-sided)."""
    return float(2 * special.stdtr(len(differences) - 1, -abs(t_statistic(differences))))


def t_test_below(differences: np.ndarray, bound: float) -> float:
    """The probability of as small a mean if the true one is ``bound`` (Student's t, one-sided)."""
    return float(special.stdtr(len(differences) - 1, t_statistic(differences - bound)))


def t_statistic(values: np.ndarray) -> float:
    """The mean in units of its standard error."""
    return float(values.mean() / (values.std(ddof=1) / len(values) ** 0.5))


def fisher_exact_test(table: Sequence[Sequence[int]]) -> float:
    """The probability of a table of 2 x 2 counts with the same margins that is at most as probable (Fisher 1922).

    Counted with whole numbers, so that equally probable tables are recognised as such.
    """
    (first, _), (second, _) = table
    rows = [sum(row) for row in table]
    counts = range(max(0, first + second - rows[1]), min(rows[0], first + second) + 1)
    ways = {count: comb(rows[0], count) * comb(rows[1], first + second - count) for count in counts}
    return sum(way for way in ways.values() if way <= ways[first]) / sum(ways.values())


def share_at_least(true: int, n: int, confidence: float) -> float:
    """The exact lower bound of a share of which ``true`` of ``n`` were seen (Clopper and Pearson 1934)."""
    return float(special.betaincinv(true, n - true + 1, 1 - confidence)) if true else 0.0


def share_at_most(true: int, n: int, confidence: float) -> float:
    """The exact upper bound of a share of which ``true`` of ``n`` were seen (Clopper and Pearson 1934)."""
    return float(special.betaincinv(true + 1, n - true, confidence)) if true < n else 1.0
