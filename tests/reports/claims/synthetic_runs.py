"""Recorded populations with chosen numbers: the first seed is one of which a part of a claim is true, no other is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Population:
    """A recorded population that has the numbers that it was given and no others, and notes which are read."""

    numbers: Mapping[str, Sequence[float]] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    histories: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    @property
    def finals(self) -> Population:
        """Itself: see ``__getitem__``."""
        return self

    def __getitem__(self, metric: str) -> np.ndarray:
        self.read.add(metric)
        return np.array(self.numbers[metric], dtype=float)

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        self.read.add(metric)
        return self.histories[metric]

    @property
    def unread(self) -> set[str]:
        """Numbers that nothing read."""
        return {*self.numbers, *self.histories} - self.read


Runs = dict[str, Population]
"""Populations by preset and further overrides."""


def final(run: str, metric: str, *numbers: float) -> Runs:
    """One metric of one run."""
    return {run: Population({metric: numbers})}


def among(run: str, metrics: Sequence[str], inside: float | Sequence[float], outside: float | Sequence[float]) -> Runs:
    """Several metrics: all ``inside`` in the first seed, and one of them ``outside`` in every other one."""
    table = np.tile(np.broadcast_to(np.asarray(inside, float), len(metrics)), (len(metrics) + 1, 1))
    rows = np.arange(len(metrics))
    table[rows + 1, rows] = outside
    return {run: Population(dict(zip(metrics, table.T.tolist(), strict=True)))}


def pair(first: tuple[str, str], second: tuple[str, str], *numbers: tuple[float, float]) -> Runs:
    """Two metrics, of one run or of two: ``(run, metric)`` each, and both numbers of every seed."""
    runs: Runs = {}
    for (run, metric), column in zip((first, second), zip(*numbers, strict=True), strict=True):
        runs.setdefault(run, Population({})).numbers = {**runs.get(run, Population()).numbers, metric: column}
    return runs


def speed(slow: str, fast: str, metric: str, level: float, *ratios: float) -> Runs:
    """Histories that reach ``level`` so many times later in run ``slow`` than in run ``fast``."""
    steps = np.arange(0, 3_001)

    def population(reached: Sequence[float]) -> Population:
        values = np.where(steps >= np.array(reached)[:, None], 0.99, 1.01) * level
        return Population({}, {"batch_size": "10"}, {metric: (steps, values)})

    return {slow: population([200 * ratio for ratio in ratios]), fast: population([200] * len(ratios))}


def parameters(run: str, count: int) -> Runs:
    """A run with so many parameters."""
    return {run: Population({}, {"parameters": str(count)})}
