"""The interval of a median is the sign test's."""

from __future__ import annotations

import pytest

from seqprobe.reports.statistics import Interval, median_interval


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], Interval(3, 3, 3, 1)),
        ([2.0, 9.0, 1.0, 5.0, 4.0], Interval(4, 1, 9, 5)),
        (list(range(6)), Interval(2.5, 0, 5, 6)),  # 96.9 %: the whole range is enough from six on
        (list(range(9)), Interval(4, 1, 7, 9)),  # 96.1 %
        (list(range(10)), Interval(4.5, 1, 8, 10)),  # 97.9 %
        (list(range(20)), Interval(9.5, 5, 14, 20)),  # 95.9 %, the textbook's sixth and fifteenth
    ],
)
def test_median_interval(values: list[float], expected: Interval) -> None:
    assert median_interval(values) == expected
