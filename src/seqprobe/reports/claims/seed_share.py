"""What a number of seeds can show of the share of all seeds of which something is true."""

from __future__ import annotations

from typing import NamedTuple

from scipy import stats

CONFIDENCE = 0.95


class ShareBounds(NamedTuple):
    """Where the true share is, with 95 % each: at least ``low``, and at most ``high``."""

    low: float
    high: float


def share_bounds(true: int, seeds: int) -> ShareBounds:
    """The exact one-sided bounds of a share (Clopper and Pearson, 1934): 5 of 5 is at least .549, 20 of 20 .861."""
    above = stats.binomtest(true, seeds, alternative="greater").proportion_ci(CONFIDENCE, "exact")
    below = stats.binomtest(true, seeds, alternative="less").proportion_ci(CONFIDENCE, "exact")
    return ShareBounds(float(above.low), float(below.high))
