"""A sentence from a post with a predicate on recorded metrics, judged over seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqprobe.reports.claims.evidence import Evidence, Runs
from seqprobe.reports.statistics import Interval, median_interval

HOLDS, FAILS = 0.9, 0.1
"""A claim holds if true of at least this share of seeds, and fails if of at most that one; else it holds partly."""


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        post: 0, 1 or 2.
        says: what the post says.
        quantity: what is measured of each seed.
        evidence: how.
        low, high: the claim is true of a seed whose number is in ``[low, high]``.
    """

    post: int
    says: str
    quantity: str
    evidence: Evidence
    low: float = -np.inf
    high: float = np.inf

    def holds_of(self, values: np.ndarray) -> np.ndarray:
        """Of which seeds the claim is true, for their numbers ``(seeds,)``; not of one without a number."""
        return np.asarray((values >= self.low) & (values <= self.high))

    @property
    def allowed(self) -> str:
        """For which numbers it is true, in words."""
        if np.isinf(self.low):
            return f"at most {self.high:g}"
        if np.isinf(self.high):
            return f"at least {self.low:g}"
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.

    Attributes:
        word: ``holds``, ``partly``, ``fails``, or ``not measured``.
        seeds: of how many seeds it is true, and of how many there are.
        interval: of the numbers that exist, or None.
        reason: why it was not measured.
    """

    claim: Claim
    word: str
    seeds: tuple[int, int]
    interval: Interval | None
    reason: str = ""


def judge(claim: Claim, runs: Runs) -> Verdict:
    """Measure a claim on recorded populations."""
    absent = [name for name in claim.evidence.runs if name not in runs]
    if absent:
        return Verdict(claim, "not measured", (0, 0), None, f"no finished run of {', '.join(absent)}")
    try:
        values = np.atleast_1d(np.asarray(claim.evidence.measure(runs), dtype=float))
    except KeyError as problem:
        return Verdict(claim, "not measured", (0, 0), None, f"nothing was recorded as {problem}")
    true = claim.holds_of(values)
    share = true.mean()
    word = "holds" if share >= HOLDS else "fails" if share <= FAILS else "partly"
    known = [value for value in values if not np.isnan(value)]
    return Verdict(claim, word, (int(true.sum()), len(values)), median_interval(known) if known else None)
