"""Successive halving: trials of a batch train with few seeds and updates first, and the better ones with more.

Jamieson & Talwalkar (2016), Non-stochastic Best Arm Identification and Hyperparameter Optimization. All trials of a
batch are compared at the same time, so that every model spends the same budget, whatever its losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Rung:
    """What trials train with before the worse of them are pruned.

    Attributes:
        seeds: of each trial.
        updates: of each seed.
    """

    seeds: Sequence[int]
    updates: int

    @property
    def cost(self) -> int:
        """Updates of all seeds together."""
        return len(self.seeds) * self.updates


def plan_rungs(seeds: Sequence[int], updates: int, shares: Sequence[float]) -> list[Rung]:
    """The rungs: with shares of the seeds and of the updates, then with all of them; equal ones once."""
    shortened = [
        Rung(tuple(seeds[: max(1, ceil(share * len(seeds)))]), max(1, ceil(share * updates))) for share in shares
    ]
    return list(dict.fromkeys([*shortened, Rung(tuple(seeds), updates)]))


def surviving_trials(values: Sequence[float], reduction: float) -> list[int]:
    """Which trials of a rung go on to the next one: the best, one in ``reduction``, by place; of equal ones the first.

    Those with an infinite value never do.
    """
    order = sorted(range(len(values)), key=lambda place: (values[place], place))
    best = order[: ceil(len(values) / reduction)]
    return sorted(place for place in best if values[place] != float("inf"))


def surviving_counts(trials: int, batch: int, rungs: int, reduction: float) -> list[int]:
    """How many of all trials reach each rung, if none diverges."""
    counts = [0] * rungs
    for start in range(0, trials, batch):
        size = min(batch, trials - start)
        for rung in range(rungs):
            counts[rung] += size
            size = ceil(size / reduction)
    return counts
