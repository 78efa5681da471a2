"""Differences that do not matter in practice: models that differ by less are equivalent."""

from __future__ import annotations

from math import log
from typing import NamedTuple

from seqprobe.scoring import Score


class Margin(NamedTuple):
    """The smallest difference that matters, and its name for people."""

    size: float
    name: str


OF_ERRORS, OF_ACCURACIES = Margin(log(1.1), "10 %"), Margin(0.01, "1 point")
"""Of natural logarithms of errors; and of accuracies, as which all scores count that are better when higher and have no
unit."""
OF_SHARES = Margin(0.1, "10 points")
"""Of shares of seeds that solved the task. No number of seeds in use shows that two shares are as close as that: it
serves only to say how many would tell them apart."""


def margin_of(score: Score) -> Margin | None:
    """The margin of a score; None where no difference is known to be too small to matter."""
    return OF_ERRORS if score.log else OF_ACCURACIES if is_accuracy(score) else None


def is_accuracy(score: Score) -> bool:
    """Whether differences of a score are points: an accuracy, or any other share of right answers."""
    return score.better == "higher" and not score.log and not score.unit
