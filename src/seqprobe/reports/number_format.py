"""Numbers over seeds as text, the same in every table and on every page."""

from __future__ import annotations

import math

from seqprobe.reports.statistics import Interval

MOST_DIGITS = 6
LEAST_WITH_EXPONENT = 10**MOST_DIGITS


def interval_text(interval: Interval | None, infinite: str = "inf") -> str:
    """``0.11 [0.1, 0.12]``: the median and its interval, or the median alone where both ends are the same.

    Empty for None. ``infinite`` replaces infinite numbers. There are more digits where both ends would look the
    same with two, or the median would lie outside: ``0.999 [0.998, 1]``.
    """
    if interval is None:
        return ""
    ends = interval.low, interval.high
    if ends[0] == ends[1]:
        return number_text(interval.median, 4, infinite)
    for digits in range(2, MOST_DIGITS + 1):
        low, high = (number_text(end, digits, infinite) for end in ends)
        median = number_text(interval.median, max(digits, 3), infinite)
        if low != high and (infinite in (low, median, high) or float(low) <= float(median) <= float(high)):
            break
    return f"{median} [{low}, {high}]"


def number_text(number: float, digits: int = 3, infinite: str = "inf") -> str:
    """A number with so many significant digits; below a million without exponent, and exact if it is whole."""
    if math.isinf(number):
        return infinite
    if float(number).is_integer() and abs(number) < LEAST_WITH_EXPONENT:
        return f"{number:.0f}"
    return f"{float(f'{number:.{digits}g}'):g}"
