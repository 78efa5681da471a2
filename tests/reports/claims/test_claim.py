"""A part of a claim is true of the seeds whose number is within its limits."""

from __future__ import annotations

import numpy as np
import pytest

from seqprobe.reports.claims import Part
from seqprobe.reports.claims.claim_measures import FinalValue
from seqprobe.reports.claims.seed_share import share_bounds


def part(low: float = -np.inf, high: float = np.inf) -> Part:
    return Part("", "a number", FinalValue("val/rmse"), "It separates.", low, high)


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside"),
    [
        (0.5, np.inf, [0.5, 3], [0.499, np.nan, -np.inf]),
        (-np.inf, 2, [2, -7], [2.001, np.nan, np.inf]),
        (1.5, 2.5, [1.5, 2.5], [1.49, 2.51, np.nan]),
        (755, 755, [755], [754, 756]),
    ],
)
def test_limits_belong_to_the_range(low: float, high: float, inside: list[float], outside: list[float]) -> None:
    true = part(low, high).is_true_of(np.array([*inside, *outside]))
    assert true.tolist() == [True] * len(inside) + [False] * len(outside)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-np.inf, 0.02, "at most 0.02"),
        (2, np.inf, "at least 2"),
        (1.5, 2.5, "1.5 to 2.5"),
        (2049, 2049, "2049"),
    ],
)
def test_limits_in_words(low: float, high: float, text: str) -> None:
    assert part(low, high).allowed == text


@pytest.mark.parametrize(
    ("low", "high", "value", "margin"),
    [
        (-np.inf, 0.25, 0.125, 0.125),
        (-np.inf, 0.25, 0.5, -0.25),
        (1.5, 2.5, 2.25, 0.25),
        (1.5, 2.5, 1.0, -0.5),
        (1.5, 2.5, np.inf, -np.inf),
        (755, 755, 755, 0),
    ],
)
def test_the_margin_is_to_the_nearest_limit(low: float, high: float, value: float, margin: float) -> None:
    assert part(low, high).margin(value) == margin


@pytest.mark.parametrize(
    ("true", "seeds", "low", "high"),
    [
        (5, 5, 0.05 ** (1 / 5), 1),  # with a smaller true share, five of five would happen in less than 5 %
        (20, 20, 0.05 ** (1 / 20), 1),
        (0, 5, 0, 1 - 0.05 ** (1 / 5)),
        (4, 5, 0.34259, 0.98979),  # R: binom.test(4, 5, alternative = "greater"), "less"
    ],
)
def test_what_a_number_of_seeds_shows(true: int, seeds: int, low: float, high: float) -> None:
    assert share_bounds(true, seeds) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))
