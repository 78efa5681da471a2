"""Intervals are written with as few digits as tell their ends apart."""

from __future__ import annotations

import math

import pytest

from seqprobe.reports.number_format import interval_text, number_text
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
        (Interval(403.8, 323.6, 518.2, 5), "404 [320, 520]"),
        (Interval(-0.5, -0.75, -0.25, 5), "-0.5 [-0.75, -0.25]"),
    ],
)
def test_interval_text(interval: Interval | None, text: str) -> None:
    assert interval_text(interval) == text


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (2049.0, 3, "2049"),
        (100.0, 2, "100"),
        (403.8, 2, "400"),
        (99.6, 2, "100"),
        (123456.7, 3, "123000"),
        (999999.0, 3, "999999"),
        (999999.5, 3, "1e+06"),
        (2.13e7, 3, "2.13e+07"),
        (0.0, 3, "0"),
        (-1234.5, 2, "-1200"),
        (0.00012345, 3, "0.000123"),
        (1.234e-5, 3, "1.23e-05"),
        (math.nan, 3, "nan"),
    ],
)
def test_numbers_below_a_million_have_no_exponent(number: float, digits: int, text: str) -> None:
    assert number_text(number, digits) == text


def test_infinite_numbers_may_have_a_word() -> None:
    assert interval_text(Interval(math.inf, 1.0, math.inf, 5), "never") == "never [1, never]"
