"""A claim: a sentence with a number for each seed and the range in which it is true, judged over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from seqprobe.checks import single_line
from seqprobe.reports.claims.claim_measures import Measure
from seqprobe.reports.claims.recorded_run import RecordedRun, run_title
from seqprobe.reports.statistics import Interval, median_interval

HOLDS, FAILS = 0.9, 0.1
"""A claim holds if true of at least this share of seeds, and fails if of at most that one; else it holds partly."""
KINDS = ("post", "control", "ours")
"""Who makes a claim: the post, in its text, figures or code; we, to test a post's reason by training something else;
or we, about what the post trained."""


@dataclass(frozen=True)
class FigureSource:
    """Where one of our pictures is from.

    Attributes:
        run: overrides of the training whose artifact it is; empty for a figure that a reproduction itself draws.
        artifact: its path among the artifacts; the figure's name where there is no run.
    """

    run: str
    artifact: str

    def __str__(self) -> str:
        """``post0/sine: figures/fit.png``."""
        return f"{run_title(self.run)}: {self.artifact}" if self.run else self.artifact


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        name: ``post0/sine/valley_stays``: its file below conf/claim, and its key there.
        post: the number of the post; None for a user's claim about something else.
        says: the sentence.
        place: the heading or figure of the post, or ``author's code``.
        kind: one of `KINDS`.
        quantity: what is measured of each seed, in words.
        runs: the trainings that it needs: labels, and the overrides of each as one text.
        measure: how the number of each seed is computed.
        why: the reason for the limits.
        figure: what shows it.
        low, high: the claim is true of a seed whose number is in ``[low, high]``.
    """

    name: str
    post: int | None
    says: str
    place: str
    kind: str
    quantity: str
    runs: Mapping[str, str]
    measure: Measure
    why: str
    figure: FigureSource
    low: float = -np.inf
    high: float = np.inf

    def is_true_of(self, values: np.ndarray) -> np.ndarray:
        """Of which seeds the claim is true, for their numbers ``(seeds,)``; never of a seed whose number is NaN."""
        return np.asarray((values >= self.low) & (values <= self.high))

    @property
    def allowed(self) -> str:
        """The numbers for which it is true, in words."""
        if np.isinf(self.low):
            return f"at most {self.high:g}"
        if np.isinf(self.high):
            return f"at least {self.low:g}"
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Verdict:
    """The result of judging a claim.

    Attributes:
        word: ``holds``, ``partly``, ``fails``, or ``not measured``.
        seeds: of how many seeds it is true, and of how many there are.
        interval: of the numbers that are not NaN, or None.
        reason: why it was not measured.
    """

    claim: Claim
    word: str
    seeds: tuple[int, int]
    interval: Interval | None
    reason: str = ""


def judge(claim: Claim, runs: Mapping[str, RecordedRun]) -> Verdict:
    """Measure a claim on recorded populations, which are given by their overrides."""
    absent = [run_title(overrides) for overrides in claim.runs.values() if overrides not in runs]
    if absent:
        return not_measured(claim, f"no finished run of {', '.join(absent)}")
    try:
        labelled = {label: runs[overrides] for label, overrides in claim.runs.items()}
        values = np.atleast_1d(np.asarray(claim.measure.values(labelled), dtype=float))
    except KeyError as problem:
        return not_measured(claim, f"nothing was recorded as {problem}")
    except Exception as problem:  # a user's measure may raise anything; the other claims are judged all the same
        return not_measured(claim, f"its measure failed: {type(problem).__name__}: {single_line(problem)}")
    if values.ndim != 1 or not len(values):
        return not_measured(claim, f"its measure returned shape {values.shape} instead of a number for each seed")
    true = claim.is_true_of(values)
    share = true.mean()
    word = "holds" if share >= HOLDS else "fails" if share <= FAILS else "partly"
    known = values[~np.isnan(values)].tolist()
    return Verdict(claim, word, (int(true.sum()), len(values)), median_interval(known) if known else None)


def not_measured(claim: Claim, reason: str) -> Verdict:
    """The verdict on a claim whose numbers do not exist."""
    return Verdict(claim, "not measured", (0, 0), None, reason)
