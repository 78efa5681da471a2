"""Shares of seeds that solved a task are compared by Fisher's exact test, and it takes as many seeds as is said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seqprobe.reports.share_statistics import compare_shares, seeds_for_shares


def test_shares_are_counted_and_compared() -> None:
    shares = compare_shares([True] * 5, [True, False, False, False, False, False])
    assert (shares.solved, shares.seeds) == ((5, 1), (5, 6))
    assert shares.difference == pytest.approx(5 / 6)
    # All tables with the same margins: 6 solved among 5 and 6 seeds. Hypergeometric, C(11, 6) = 462: the observed one
    # has C(5, 5) C(6, 1) = 6 of them; the other end, 0 of 5, has C(6, 6) = 1.
    assert shares.p == pytest.approx(7 / 462)


def test_as_many_seeds_as_are_said_to_be_needed_do() -> None:
    assert seeds_for_shares(0.9, 0.5) == 25
    for first, second in ((0.9, 0.5), (0.8, 0.4), (0.3, 0.1)):
        n = seeds_for_shares(first, second)
        counts = np.arange(n + 1)
        weights = np.outer(stats.binom.pmf(counts, n, first), stats.binom.pmf(counts, n, second))
        likely = weights > 1e-4
        power = sum(
            weights[i, j] * (stats.fisher_exact([[i, n - i], [j, n - j]]).pvalue <= 0.05)
            for i, j in np.argwhere(likely)
        )
        assert 0.77 <= power <= 0.88


def test_more_pairs_need_more_seeds_and_none_more_than_the_most() -> None:
    assert seeds_for_shares(0.9, 0.5, pairs=15) > seeds_for_shares(0.9, 0.5, pairs=3) > seeds_for_shares(0.9, 0.5)
    assert seeds_for_shares(0.5, 0.501) == 10_000
