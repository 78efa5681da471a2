"""Ridge regressions of many states at once are those of scikit-learn, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from seqprobe.probes.concepts import linear_probes
from seqprobe.probes.ridge import fit_ridge


def test_each_regression_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    states, targets = random.normal(2, 3, (4, 5, 30, 6)), random.normal(1, 1, (4, 5, 30, 2))
    states[..., 3] = 7  # a unit that says nothing
    new, fitted = random.normal(0, 1, (4, 5, 8, 6)), fit_ridge(states, targets, 0.5)
    read = fitted.predict(new)
    for place in np.ndindex(4, 5):
        expected = Ridge(alpha=0.5).fit(states[place], targets[place]).predict(new[place])
        np.testing.assert_allclose(read[place], expected, rtol=0, atol=1e-10)


def test_one_regression_is_the_same_among_others() -> None:
    random = np.random.default_rng(1)
    states, targets = random.normal(0, 1, (7, 40, 5)), random.normal(0, 1, (7, 40, 3))
    together, alone = fit_ridge(states, targets), fit_ridge(states[4:5], targets[4:5])
    assert together.coefficients[4].tolist() == alone.coefficients[0].tolist()
    assert together.offsets[4].tolist() == alone.offsets[0].tolist()


def test_two_points_on_a_line() -> None:
    fitted = fit_ridge(np.array([[1.0], [3.0]]), np.array([[2.0], [6.0]]), 2.0)
    assert fitted.coefficients.tolist() == [[1.0]]  # (1 · 2 + 1 · 2) / (1 + 1 + 2)
    assert fitted.offsets.tolist() == [2.0]  # the mean, 4, less the mean state


def test_a_concept_is_read_from_the_word_on_that_shows_it() -> None:
    holds = np.array([[number % 3 == 0 for number in range(60)]])
    states = np.stack([np.zeros((60, 1)), holds.T * 4.0 - 1], 1)
    accuracy, read = linear_probes(states, holds, np.array([[0.0], [3.0]]))
    assert accuracy.tolist() == [[pytest.approx(14 / 20), 1.0]]
    assert read[0] == pytest.approx([14 / 40, 1], abs=1e-3)
