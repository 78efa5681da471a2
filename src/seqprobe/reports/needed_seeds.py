"""How many seeds would decide what is undecided between two models."""

from __future__ import annotations

from typing import NamedTuple

from seqprobe.reports.comparison import UNDECIDED, Pair
from seqprobe.reports.margins import OF_SHARES, Margin, margin_of
from seqprobe.reports.share_statistics import Shares, seeds_for_shares
from seqprobe.reports.statistics import MOST_SEEDS, Difference, seeds_needed


class NeededSeeds(NamedTuple):
    """About how many seeds would decide between two models, four times in five.

    Attributes:
        observed: would confirm the observed difference, if it is the true one; None where there is none.
        margin: would show a difference as large as the score's margin; None where the score has no margin.
    """

    observed: int | None = None
    margin: int | None = None


def needed_seeds(pair: Pair) -> NeededSeeds:
    """The seeds that would decide about a pair; none if it is decided, or has too few seeds to say."""
    if pair.word != UNDECIDED:
        return NeededSeeds()
    if pair.shares is not None:
        return for_shares(pair.shares, pair.family)
    return NeededSeeds() if pair.difference is None else for_scores(pair.difference, margin_of(pair.score), pair.family)


def for_scores(difference: Difference, margin: Margin | None, family: int) -> NeededSeeds:
    """The seeds that would decide about a difference of scores.

    More than there are confirm the observed difference, since these did not.
    """
    median, spread, n = abs(difference.interval.median), difference.spread, difference.interval.n
    if spread == 0:
        return NeededSeeds()
    observed = min(MOST_SEEDS, max(n + 1, seeds_needed(median / spread, family))) if median else None
    return NeededSeeds(observed, None if margin is None else seeds_needed(margin.size / spread, family))


def for_shares(shares: Shares, family: int) -> NeededSeeds:
    """The seeds that would decide about a difference of shares."""
    one, other = (solved / seeds for solved, seeds in zip(shares.solved, shares.seeds, strict=True))
    middle, half = (one + other) / 2, OF_SHARES.size / 2
    middle = min(max(middle, half), 1 - half)
    observed = None if one == other else max(max(shares.seeds) + 1, seeds_for_shares(one, other, family))
    return NeededSeeds(observed, seeds_for_shares(middle - half, middle + half, family))
