"""Intervals are written with as few digits as tell their ends apart."""

from __future__ import annotations

import math

import pytest

from seqprobe.reports.number_format import interval_text
from seqprobe.reports.statistics import Interval


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (None, ""),
        (Interval(0.1123, 0.1045, 0.1201, 5), "0.112 [0.1, 0.12]"),
        (Interval(1.0, 1.0, 1.0, 5), "1"),
        (Interval(0.99934, 0.99871, 0.99996, 5), "0.999 [0.999, 1]"),  # two digits give 1 [1, 1]
        (Interval(0.96905, 0.96801, 0.97299, 5), "0.969 [0.968, 0.973]"),  # two digits leave the median outside
        (Interval(1 - 1e-9, 1 - 2e-9, 1.0, 5), "1 [1, 1]"),
        (Interval(math.inf, 3.0, math.inf, 5), "inf [3, inf]"),
        (Interval(-0.5, -0.75, -0.25, 5), "-0.5 [-0.75, -0.25]"),
    ],
)
def test_interval_text(interval: Interval | None, text: str) -> None:
    assert interval_text(interval) == text


def test_infinite_numbers_may_have_a_word() -> None:
    assert interval_text(Interval(math.inf, 1.0, math.inf, 5), "never") == "never [1, never]"
