"""A sentence from a post with a predicate on recorded metrics, judged over seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seqprobe.reports.statistics import Interval, median_interval

HOLDS, FAILS = 0.9, 0.1
"""A claim holds if it is true of at least this share of seeds, and fails if of at most that one; else it holds partly."""
NEVER = float("inf")
"""What counts as the number of examples or updates that a seed needs which never gets there."""


class Run(Protocol):
    """What a claim may look at of a recorded population."""

    @property
    def params(self) -> Mapping[str, str]:
        """Its parameters, as text."""

    @property
    def finals(self) -> Mapping[str, np.ndarray]:
        """Each metric's last value by name, ``(seeds,)``."""

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        """A metric's updates ``(n,)`` and values ``(seeds, n)``."""


Runs = Mapping[str, Run]
"""Populations by name."""


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        post: 0, 1 or 2.
        says: what the post says.
        quantity: what is measured of each seed.
        measure: that number, ``(seeds,)``, from recorded populations.
        low, high: the claim is true of a seed whose number is in ``[low, high]``.
        runs: names of the populations that it needs.
        figure: the population and the artifact that show it.
    """

    post: int
    says: str
    quantity: str
    measure: Callable[[Runs], np.ndarray]
    runs: Sequence[str]
    figure: tuple[str, str]
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
    absent = [name for name in claim.runs if name not in runs]
    if absent:
        return Verdict(claim, "not measured", (0, 0), None, f"no finished run of {', '.join(absent)}")
    try:
        values = np.atleast_1d(np.asarray(claim.measure(runs), dtype=float))
    except KeyError as problem:
        return Verdict(claim, "not measured", (0, 0), None, f"nothing was recorded as {problem}")
    true = claim.holds_of(values)
    share = true.mean()
    word = "holds" if share >= HOLDS else "fails" if share <= FAILS else "partly"
    known = [value for value in values if not np.isnan(value)]
    return Verdict(claim, word, (int(true.sum()), len(values)), median_interval(known) if known else None)


def steps_to(run: Run, metric: str, level: float) -> np.ndarray:
    """Updates after which a metric was first at most ``level``, ``(seeds,)``; `NEVER` where it was not."""
    steps, values = run.history(metric)
    reached = values <= level
    return np.where(reached.any(1), steps[reached.argmax(1)].astype(float), NEVER)


def examples_to(run: Run, metric: str, level: float) -> np.ndarray:
    """Training examples, in thousands, after which a metric was first at most ``level``, ``(seeds,)``."""
    return steps_to(run, metric, level) * int(run.params["batch_size"]) / 1_000


def worst(run: Run, metrics: Sequence[str]) -> np.ndarray:
    """The largest absolute value of several metrics, ``(seeds,)``."""
    return np.asarray(np.abs([run.finals[metric] for metric in metrics]).max(0))


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """``above / below``, ``(seeds,)``, of paired seeds; NaN where neither number exists."""
    neither = np.isinf(above) & np.isinf(below)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(neither, np.nan, above / below)
