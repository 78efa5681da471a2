"""What is measured for a claim: a number for each seed, from recorded populations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

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
class Evidence:
    """What is measured for a claim.

    Attributes:
        measure: a number for each seed, ``(seeds,)``, from recorded populations.
        runs: names of the populations that it needs.
        figure: the population and the artifact that show it.
    """

    measure: Callable[[Runs], np.ndarray]
    runs: Sequence[str]
    figure: tuple[str, str]


Metric = tuple[str, str]
"""A population's name and one of its metrics."""


def final(name: str, metric: str, figure: str) -> Evidence:
    """A metric's last value."""
    return Evidence(lambda runs: runs[name].finals[metric], (name,), (name, figure))


def off(name: str, metric: str, target: float, figure: str) -> Evidence:
    """How far a metric's last value is from ``target``."""
    return Evidence(lambda runs: np.abs(runs[name].finals[metric] - target), (name,), (name, figure))


def largest(name: str, metrics: Sequence[str], figure: str) -> Evidence:
    """The largest absolute value of several metrics."""

    def measure(runs: Runs) -> np.ndarray:
        return np.asarray(np.abs([runs[name].finals[metric] for metric in metrics]).max(0))

    return Evidence(measure, (name,), (name, figure))


def times(above: Metric, below: Metric, figure: tuple[str, str]) -> Evidence:
    """One metric over another, of paired seeds."""

    def measure(runs: Runs) -> np.ndarray:
        return ratio(*(runs[name].finals[metric] for name, metric in (above, below)))

    return Evidence(measure, (above[0], below[0]), figure)


def less(more: Metric, fewer: Metric, figure: tuple[str, str]) -> Evidence:
    """One metric less another, of paired seeds."""

    def measure(runs: Runs) -> np.ndarray:
        return np.asarray(runs[more[0]].finals[more[1]] - runs[fewer[0]].finals[fewer[1]])

    return Evidence(measure, (more[0], fewer[0]), figure)


def sooner(slow: str, fast: str, metric: str, level: float, figure: tuple[str, str]) -> Evidence:
    """How many times as many examples ``slow`` needs as ``fast`` until a metric is at most ``level``."""

    def measure(runs: Runs) -> np.ndarray:
        return ratio(*(examples_to(runs[name], metric, level) for name in (slow, fast)))

    return Evidence(measure, (slow, fast), figure)


def examples_to(run: Run, metric: str, level: float) -> np.ndarray:
    """Training examples, in thousands, after which a metric was first at most ``level``, ``(seeds,)``; or `NEVER`."""
    steps, values = run.history(metric)
    reached = values <= level
    found = np.where(reached.any(1), steps[reached.argmax(1)].astype(float), NEVER)
    return found * int(run.params["batch_size"]) / 1_000


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """``above / below``, ``(seeds,)``; NaN where it has no value, as for two seeds that both never get there."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(above / below)
