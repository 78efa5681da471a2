"""The shares of seeds that solved a task, compared between two models."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import NamedTuple

from seqprobe.reports.distributions import fisher_exact_test, normal_quantile
from seqprobe.reports.statistics import LEVEL, MOST_SEEDS, POWER


class Shares(NamedTuple):
    """How many of two models' seeds solved a task.

    Attributes:
        solved: of the first and of the second model.
        seeds: of each.
        p: the probability of shares as different between models that solve it equally often (Fisher's exact test).
    """

    solved: tuple[int, int]
    seeds: tuple[int, int]
    p: float

    @property
    def difference(self) -> float:
        """The first model's share minus the second's."""
        return self.solved[0] / self.seeds[0] - self.solved[1] / self.seeds[1]


def compare_shares(first: Sequence[bool], second: Sequence[bool]) -> Shares:
    """Compare which of two models' seeds solved the task."""
    solved, seeds = (sum(first), sum(second)), (len(first), len(second))
    table = [(right, n - right) for right, n in zip(solved, seeds, strict=True)]
    return Shares(solved, seeds, fisher_exact_test(table))


def seeds_for_shares(first: float, second: float, pairs: int = 1) -> int:
    """About how many seeds of each model show two different shares, four times in five, by Fisher's exact test.

    The approximation of Casagrande, Pike and Smith (1978, Biometrics 34, 483). Of several ``pairs`` that are compared
    together, each is tested at a stricter level (Bonferroni).
    """
    gap, mean = abs(first - second), (first + second) / 2
    edge, power = normal_quantile(1 - LEVEL / pairs / 2), normal_quantile(POWER)
    spread = edge * sqrt(2 * mean * (1 - mean)) + power * sqrt(first * (1 - first) + second * (1 - second))
    uncorrected = (spread / gap) ** 2
    return min(MOST_SEEDS, ceil(uncorrected / 4 * (1 + sqrt(1 + 4 / (uncorrected * gap))) ** 2))
