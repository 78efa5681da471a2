"""What a handful of seeds says about a median."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from statistics import median
from typing import NamedTuple


class Interval(NamedTuple):
    """A median over seeds and the order statistics that enclose the true one."""

    median: float
    low: float
    high: float
    n: int


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Median with its distribution-free interval (the sign test's, Conover 1999, section 3.2).

    The interval runs between the order statistics that leave at most ``(1 - confidence) / 2`` on either side. Fewer
    than six values cannot reach 95 %; then it is their whole range (93.75 % for five).
    """
    ordered, n = sorted(values), len(values)
    cut, below = 0, 0.5**n
    while below + comb(n, cut + 1) * 0.5**n <= (1 - confidence) / 2:
        cut += 1
        below += comb(n, cut) * 0.5**n
    if below > (1 - confidence) / 2:
        return Interval(median(ordered), ordered[0], ordered[-1], n)
    return Interval(median(ordered), ordered[cut], ordered[n - 1 - cut], n)
