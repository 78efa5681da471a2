"""Numbers over seeds as text, the same in every table and on every page."""

from __future__ import annotations

import math

from seqprobe.reports.statistics import Interval


def interval_text(interval: Interval | None, infinite: str = "inf") -> str:
    """``0.11 [0.1, 0.12]``: the median and its interval, or the median alone where both ends are the same.

    Empty for None. ``infinite`` replaces infinite numbers.
    """
    if interval is None:
        return ""
    ends = interval.low, interval.high
    if ends[0] == ends[1]:
        return number_text(interval.median, 4, infinite)
    low, high = (number_text(end, 2, infinite) for end in ends)
    return f"{number_text(interval.median, 3, infinite)} [{low}, {high}]"


def number_text(number: float, digits: int = 3, infinite: str = "inf") -> str:
    """A number with so many significant digits."""
    return infinite if math.isinf(number) else f"{number:.{digits}g}"
