"""The few tests and quantiles that are written with special functions equal SciPy's statistics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seqprobe.reports.distributions import (
    binomial_cdf,
    fisher_exact_test,
    normal_quantile,
    share_at_least,
    share_at_most,
    t_power,
    t_test,
    t_test_below,
)


@pytest.mark.parametrize("p", [0.001, 0.025, 0.5, 0.8, 0.9999])
def test_normal_quantiles(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(stats.norm.ppf(p), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("n", [2, 5, 20, 4096])
def test_binomial_cdf(n: int) -> None:
    k = np.arange(n + 1)
    np.testing.assert_allclose(binomial_cdf(k, n, 0.5), stats.binom.cdf(k, n, 0.5), rtol=1e-10, atol=1e-300)


@pytest.mark.parametrize("n", [2, 3, 5, 20, 300])
def test_t_tests(n: int) -> None:
    values = np.random.default_rng(n).normal(0.3, 1.0, n)
    assert t_test(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=1e-10)
    expected = stats.ttest_1samp(values, 0.4, alternative="less").pvalue
    assert t_test_below(values, 0.4) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("effect", "n", "level"), [(0.2, 50, 0.05), (1.0, 5, 0.05), (3.0, 2, 0.01), (0.1, 2000, 0.005)]
)
def test_power_of_the_t_test(effect: float, n: int, level: float) -> None:
    expected = stats.nct.sf(stats.t.ppf(1 - level / 2, n - 1), n - 1, effect * n**0.5)
    assert t_power(effect, n, level) == pytest.approx(expected, abs=1e-9)


def test_fishers_exact_test() -> None:
    for n, m in ((5, 5), (3, 8), (20, 20), (1, 6)):
        for first in range(n + 1):
            for second in range(m + 1):
                table = [(first, n - first), (second, m - second)]
                assert fisher_exact_test(table) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-10)


@pytest.mark.parametrize("n", [1, 5, 20])
def test_exact_bounds_of_shares(n: int) -> None:
    for true in range(n + 1):
        above = stats.binomtest(true, n, alternative="greater").proportion_ci(0.95, "exact")
        below = stats.binomtest(true, n, alternative="less").proportion_ci(0.95, "exact")
        assert share_at_least(true, n, 0.95) == pytest.approx(above.low, rel=1e-9)
        assert share_at_most(true, n, 0.95) == pytest.approx(below.high, rel=1e-9)
