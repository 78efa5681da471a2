"""A claim: a sentence with a number for each seed and the range in which it is true, or with several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqprobe.reports.claims.claim_measure import Measure
from seqprobe.reports.claims.recorded_run import run_title

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
class Part:
    """What a claim measures: one half of its sentence, or all of it.

    Attributes:
        says: which half it is; empty if it is the whole sentence.
        quantity: what is measured of each seed, in words.
        measure: how the number of each seed is computed.
        why: the reason for the limits.
        low, high: it is true of a seed whose number is in ``[low, high]``.
        more: the wording of the verdict for a median beyond ``high``, with ``{}`` for the number: ``{}x as fast``;
            empty where exceeding the limit makes the sentence false.
    """

    says: str
    quantity: str
    measure: Measure
    why: str
    low: float = -np.inf
    high: float = np.inf
    more: str = ""

    def is_true_of(self, values: np.ndarray) -> np.ndarray:
        """Of which seeds it is true, for their numbers ``(seeds,)``; never of a seed whose number is NaN."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def margin(self, value: float) -> float:
        """How far a number is inside the limits, up to the nearest one; negative: how far outside."""
        return float(min(value - self.low, self.high - value))

    @property
    def allowed(self) -> str:
        """The numbers for which it is true, in words."""
        if np.isinf(self.low):
            return f"at most {self.high:g}"
        if np.isinf(self.high):
            return f"at least {self.low:g}"
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        name: ``post0/sine/valley_stays``: its file below conf/claim, and its key there.
        post: the number of the post; None for a user's claim about something else.
        says: the sentence.
        place: the heading or figure of the post, or ``author's code``.
        kind: one of `KINDS`.
        runs: the trainings that it needs: labels, and the overrides of each as one text.
        parts: what is measured; one, or one for each half of the sentence.
        figure: what shows it.
    """

    name: str
    post: int | None
    says: str
    place: str
    kind: str
    runs: Mapping[str, str]
    parts: Sequence[Part]
    figure: FigureSource
