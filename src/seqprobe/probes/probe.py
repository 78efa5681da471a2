"""What every probe is: a named variation of the inputs over literal values, and scores per member and value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.batch import Batch, stacked
from seqprobe.checks import InvalidValue
from seqprobe.seeds import generator
from seqprobe.tasks import Task

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Number = TypeVar("Number")


class Members(Protocol):
    """The networks that a probe asks.

    Sequences are the same for all of them, or each one's own: with a leading ``seeds`` axis, as `drawn_for` gives.
    Answers always have that axis, with NaN for members that diverged.
    """

    def predict(self, batch: Batch) -> np.ndarray:
        """Outputs, ``(seeds, batch, …)``."""

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        """Every gate, candidate and state by name: ``(seeds, batch, time, units)`` each."""

    def untrained(self) -> Members:
        """The same networks before training, as a control."""


def drawn_for(seeds: Sequence[int], sample: Callable[[torch.Generator], Batch]) -> Batch:
    """What ``sample`` draws from each seed's own ``probes`` stream, with a leading ``seeds`` axis."""
    return stacked([sample(generator(seed, "probes")) for seed in seeds])


@dataclass(frozen=True)
class ProbeResult:
    """What a probe found.

    Attributes:
        labels: a name for each value, as it stands in metric names.
        scores: metric name to ``(seeds, values)``.
        arrays: what the probe's figure needs, by name, beyond the scores.
        table: the numbers behind the figure, one row per point; None where those are the scores.
        whole: metrics that belong to no single value, by name, ``(seeds,)`` each.
        varied: what the values are of, with its unit: the first parameter, where several vary together.
        distances: how far each value of that lies outside the range that training covered, ``(values,)``, in its
            units; 0 inside, None where no range is known.
    """

    labels: Sequence[str]
    scores: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    table: pd.DataFrame | None = None
    whole: Mapping[str, np.ndarray] = field(default_factory=dict)
    varied: str = ""
    distances: np.ndarray | None = None

    def metrics(self, probe: str) -> dict[str, np.ndarray]:
        """``probe/<probe>/<value>/<metric>`` and, as the unweighted mean over values, ``probe/<probe>/<metric>``."""
        return {f"probe/{probe}/{name}": values for name, values in {**self.overall(), **self.each()}.items()}

    def overall(self) -> dict[str, np.ndarray]:
        """What was measured over all values, ``(seeds,)`` by metric: ``whole``, and every score's unweighted mean."""
        return {**self.whole, **{metric: values.mean(1) for metric, values in self.scores.items()}}

    def each(self) -> dict[str, np.ndarray]:
        """What was measured of every value, ``(seeds,)`` by ``<value>/<metric>``."""
        return {
            f"{label}/{metric}": values[:, i]
            for metric, values in self.scores.items()
            for i, label in enumerate(self.labels)
        }

    def rows(self, seeds: Sequence[int]) -> pd.DataFrame:
        """One row per member, value and metric: columns ``seed, varied, value, distance, metric, score``."""
        distances = np.full(len(self.labels), np.nan) if self.distances is None else self.distances
        return pd.DataFrame(
            [
                (seed, self.varied, label, float(distances[j]), metric, float(values[i, j]))
                for metric, values in self.scores.items()
                for i, seed in enumerate(seeds)
                for j, label in enumerate(self.labels)
            ],
            columns=["seed", "varied", "value", "distance", "metric", "score"],
        )


def outside(values: Sequence[float], trained: tuple[float, float] | None) -> np.ndarray | None:
    """How far each value lies below or above the range ``trained``: 0 inside, None where there is no range."""
    if trained is None:
        return None
    low, high = trained
    return np.array([max(low - value, value - high, 0.0) for value in values])


def list_of(key: str, values: Any, check: Callable[[str, Any], Number]) -> list[Number]:
    """Return ``values`` as a list whose every item passes ``check(key, item)``.

    Raises:
        InvalidValue: it is no list, is empty, or an item does not pass.
    """
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise InvalidValue(key, values, "must be a list of one or more values")
    return [check(key, value) for value in values]


class Probe(ABC):
    """A question put to every member of a trained population."""

    needs_trace: ClassVar[bool] = False
    """Whether it looks inside: then the network must have a `trace`."""

    def check(self, task: Task) -> None:
        """Refuse a task that this probe cannot be put to.

        Raises:
            InvalidValue: it cannot.
        """
        return

    @abstractmethod
    def run(self, members: Members, task: Task, seeds: Sequence[int]) -> ProbeResult:
        """Ask. Anything random is drawn from the ``probes`` stream of each seed."""

    def during_training(self) -> Probe | None:
        """What is put to the members as they were at a few moments of their training; None: nothing.

        The probe itself unless it looks inside; a dear one returns a cheaper copy, or None.
        """
        return None if self.needs_trace else self

    def draw(self, result: ProbeResult, task: Task, title: str) -> Figure:
        """The picture of ``result``: each score against the probed values, unless a probe has a better one."""
        return figures.scores_by_value(result.labels, result.scores, title)
