"""What a number of seeds can show of the share of all seeds of which something is true."""

from __future__ import annotations

from typing import NamedTuple

from seqprobe.reports.distributions import share_at_least, share_at_most

CONFIDENCE = 0.95


class ShareBounds(NamedTuple):
    """Where the true share is, with 95 % each: at least ``low``, and at most ``high``."""

    low: float
    high: float


def share_bounds(true: int, seeds: int) -> ShareBounds:
    """The exact one-sided bounds of a share: 5 of 5 is at least .549, 20 of 20 .861."""
    return ShareBounds(share_at_least(true, seeds, CONFIDENCE), share_at_most(true, seeds, CONFIDENCE))
