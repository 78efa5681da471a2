"""Whether a member learned its task, and whether it solved it.

Both are shares of the gap between the best constant predictor and the best possible predictor, in the validation's main
score as it is recorded: in a regression the RMSE, in which half the gap is half the constant's error. (In the MSE it
would be 71 % of it.) Where a task does not know the best possible score, 0 stands in for an error, 1 for an accuracy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqprobe.checks import InvalidValue
from seqprobe.scoring import MEMBERS_FINITE, SHARE_LEARNED, SHARE_SOLVED, MetricName, Score

SOLVED, LEARNED, NOT_LEARNED, DIVERGED, FINITE = "solved", "learned", "did not learn", "diverged", "finite"
"""A member's outcome. `FINITE`: it did not diverge, and the task has no constant predictor to judge it by."""
OUTCOMES = (SOLVED, LEARNED, NOT_LEARNED, FINITE, DIVERGED)
"""All of them, the best first."""


@dataclass(frozen=True)
class OutcomeLimits:
    """The shares of the gap that a member has to close.

    Attributes:
        learned: the least with which it learned the task.
        solved: the least with which it solved it.

    Raises:
        InvalidValue: the shares are not in (0, 1], or fewer are needed to solve the task than to learn it.
    """

    learned: float = 0.5
    solved: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.learned <= self.solved <= 1:
            shares = f"{self.learned}, {self.solved}"
            raise InvalidValue("learned, solved", shares, "must be shares with 0 < learned <= solved <= 1")


DEFAULT_LIMITS = OutcomeLimits()
"""Those of every task that states none."""


def closed_shares(
    score: Score, values: np.ndarray, constants: np.ndarray, floors: np.ndarray | None = None
) -> np.ndarray:
    """The share of the gap from the constant to the best possible score that each value closes.

    All are ``(seeds,)``. At most 1 up to rounding; negative for what is worse than the constant, minus infinity for a
    value that is not finite, and NaN where the constant is no worse than the best possible score.
    """
    best = np.full_like(constants, 1.0 if score.better == "higher" else 0.0) if floors is None else floors
    with np.errstate(invalid="ignore"):  # levels of data that overflow are infinite
        gaps, closed = best - constants, values - constants
    is_gap = np.isfinite(gaps) & (gaps > 0 if score.better == "higher" else gaps < 0)
    shares = np.divide(closed, gaps, out=np.full(len(values), np.nan), where=is_gap)
    return np.where(is_gap & ~np.isfinite(values), -np.inf, shares)


def member_outcomes(
    score: Score,
    values: np.ndarray,
    levels: Mapping[str, np.ndarray],
    diverged: np.ndarray,
    limits: OutcomeLimits = DEFAULT_LIMITS,
) -> list[str]:
    """Every member's outcome, one of `OUTCOMES`.

    Args:
        values: of the task's main score with the last weights, ``(seeds,)``.
        levels: reference levels of that score by role, ``(seeds,)`` each.
        diverged: ``(seeds,)`` booleans.
    """
    if "constant" not in levels:
        return [DIVERGED if is_diverged else FINITE for is_diverged in diverged]
    shares = closed_shares(score, values, levels["constant"], levels.get("floor"))
    return [
        DIVERGED if is_diverged else outcome_of(share, limits)
        for share, is_diverged in zip(shares, diverged, strict=True)
    ]


def outcome_of(share: float, limits: OutcomeLimits) -> str:
    """The outcome of a member that closed a share of the gap; NaN: there is no gap."""
    if np.isnan(share):
        return FINITE
    return SOLVED if share >= limits.solved else LEARNED if share >= limits.learned else NOT_LEARNED


def recorded_outcome(tag: str, metrics: Mapping[str, float], score: Score | None) -> str:
    """A finished member's outcome: its tag's; for a run of an earlier version, whose tag holds less, from its metrics.

    Args:
        score: the validation's main score.
    """
    if tag in (SOLVED, LEARNED, NOT_LEARNED, DIVERGED) or score is None:
        return tag
    parts = {MetricName.parse(name): np.array([value]) for name, value in metrics.items()}
    levels = {part.role: level for part, level in parts.items() if part.group == "reference" and not part.probe}
    value = np.array([metrics.get(str(MetricName("val", score.name)), np.nan)])
    return member_outcomes(score, value, levels, np.array([False]))[0]


def population_metrics(outcomes: Sequence[str]) -> dict[str, float]:
    """How many members are finite, and the shares that learned the task and that solved it, by metric name.

    There are no shares if some members cannot be judged.
    """
    finite = {MEMBERS_FINITE: float(sum(outcome != DIVERGED for outcome in outcomes))}
    if FINITE in outcomes:
        return finite
    counted = {SHARE_LEARNED: (SOLVED, LEARNED), SHARE_SOLVED: (SOLVED,)}
    shares = {name: sum(outcome in words for outcome in outcomes) / len(outcomes) for name, words in counted.items()}
    return {**finite, **shares}


def outcome_text(outcomes: Sequence[str]) -> str:
    """How many members solved the task, how many more learned it, and the outcomes of the others.

    ``3 of 5 solved, 1 learned, 1 diverged``; only those that diverged if members cannot be judged.
    """
    counts = {outcome: list(outcomes).count(outcome) for outcome in (LEARNED, NOT_LEARNED, DIVERGED)}
    solved = [] if FINITE in outcomes else [f"{list(outcomes).count(SOLVED)} of {len(outcomes)} solved"]
    return ", ".join([*solved, *(f"{count} {outcome}" for outcome, count in counts.items() if count)])
