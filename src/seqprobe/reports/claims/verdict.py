"""Judge claims: measure each part on recorded populations, and put into one word what the seeds show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqprobe.checks import single_line
from seqprobe.reports.claims.claim import Claim, Part
from seqprobe.reports.claims.recorded_run import RecordedRun, run_title
from seqprobe.reports.claims.seed_share import ShareBounds, share_bounds
from seqprobe.reports.number_format import number_text
from seqprobe.reports.statistics import Interval, median_interval

MOST, FEW = 0.9, 0.1
"""What is true of at least this share of seeds holds; what is true of at most that one fails."""
HOLDS, IN_PART, OF_SOME, MORE, FAILS = "holds", "true in part", "true of some seeds", "more than said", "fails"
NOT_MEASURED = "not measured"
WORDS = (HOLDS, IN_PART, OF_SOME, MORE, FAILS, NOT_MEASURED)
"""Every verdict: ``true in part`` is a sentence one half of which holds; ``more than said`` one whose numbers are
beyond what it says, in its own direction."""


@dataclass(frozen=True)
class PartVerdict:
    """The result of judging a part of a claim.

    Attributes:
        word: one of `WORDS`, but ``true in part``.
        seeds: of how many seeds it is true, and of how many there are.
        interval: of the numbers that are not NaN, or None.
    """

    part: Part
    word: str
    seeds: tuple[int, int]
    interval: Interval | None

    @property
    def bounds(self) -> ShareBounds | None:
        """Where the true share of seeds is; None if the number is not of single seeds."""
        return share_bounds(*self.seeds) if self.part.measure.is_per_seed else None

    @property
    def margin(self) -> float | None:
        """How far the median is inside the limits; None if there is none."""
        return None if self.interval is None else self.part.margin(self.interval.median)


@dataclass(frozen=True)
class Verdict:
    """The result of judging a claim.

    Attributes:
        word: one of `WORDS`.
        parts: the result of each part; none if it was not measured.
        reason: why it was not measured.
    """

    claim: Claim
    word: str
    parts: Sequence[PartVerdict] = ()
    reason: str = ""

    @property
    def detail(self) -> str:
        """How much more than said it is: ``4.4x at MSE 0.1``; empty for every other word."""
        if self.word != MORE:
            return ""
        numbers = [(part.part.more, part.interval.median) for part in self.parts if part.part.more and part.interval]
        return ", ".join(text.format(number_text(median, 2, "∞")) for text, median in numbers)


def judge(claim: Claim, runs: Mapping[str, RecordedRun]) -> Verdict:
    """Measure a claim on recorded populations, which are given by their overrides."""
    absent = [run_title(overrides) for overrides in claim.runs.values() if overrides not in runs]
    if absent:
        return not_measured(claim, f"no finished run of {', '.join(absent)}")
    labelled = {label: runs[overrides] for label, overrides in claim.runs.items()}
    measured = []
    for part in claim.parts:
        try:
            values = np.atleast_1d(np.asarray(part.measure.values(labelled), dtype=float))
        except KeyError as problem:
            return not_measured(claim, f"nothing was recorded as {problem}")
        except Exception as problem:  # a user's measure may raise anything; the other claims are judged all the same
            return not_measured(claim, f"its measure failed: {type(problem).__name__}: {single_line(problem)}")
        if values.ndim != 1 or not len(values):
            return not_measured(claim, f"its measure returned shape {values.shape} instead of a number for each seed")
        measured.append(values)
    results = [judge_part(part, values) for part, values in zip(claim.parts, measured, strict=True)]
    truths = [part.is_true_of(values) for part, values in zip(claim.parts, measured, strict=True)]
    return Verdict(claim, sentence_word([result.word for result in results], truths), results)


def not_measured(claim: Claim, reason: str) -> Verdict:
    """The verdict on a claim whose numbers do not exist."""
    return Verdict(claim, NOT_MEASURED, reason=reason)


def judge_part(part: Part, values: np.ndarray) -> PartVerdict:
    """The result for the numbers of each seed, ``(seeds,)``."""
    true = part.is_true_of(values)
    word = share_word(float(true.mean()))
    known = values[~np.isnan(values)].tolist()
    interval = median_interval(known) if known else None
    is_beyond = interval is not None and interval.median > part.high
    if word != HOLDS and part.more and is_beyond and (true | (values > part.high)).mean() >= MOST:
        word = MORE
    return PartVerdict(part, word, (int(true.sum()), len(values)), interval)


def share_word(share: float) -> str:
    """The word for a share of seeds."""
    return HOLDS if share >= MOST else FAILS if share <= FEW else OF_SOME


def sentence_word(words: Sequence[str], truths: Sequence[np.ndarray]) -> str:
    """The word for a whole sentence, from its parts' words, and of which seeds they are true."""
    if len(words) == 1:
        return words[0]
    if MORE in words and set(words) <= {HOLDS, MORE}:
        return MORE
    if HOLDS in words and set(words) != {HOLDS}:
        return IN_PART
    return share_word(float(np.logical_and.reduce(np.broadcast_arrays(*truths)).mean()))
