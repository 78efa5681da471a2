"""The base class of maps of generalisation: a score over two varied parameters, in the training range and beyond."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.checks import InvalidValue, number
from seqprobe.figures import Box
from seqprobe.probes.bands import farther_bands, variation
from seqprobe.probes.probe import Members, Probe, TaskT, checked_list
from seqprobe.probes.probe_result import ProbeResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Map(Probe[TaskT], ABC):
    """Every pair of values of two parameters, with one score each.

    A single pair is no metric. A pair is in the band of the value that is farther from its training range.

    Args:
        values: the values of the two parameters by name, the one along x first.

    Raises:
        InvalidValue: not two parameters, or values that are none.
    """

    metric: ClassVar[str]
    measure: ClassVar[str]
    """The metric in words."""

    def __init__(self, values: Mapping[str, Sequence[Any]]) -> None:
        if not isinstance(values, Mapping) or len(values) != 2:
            raise InvalidValue("values", values, "must be two parameters with a list of values each")
        (self.x_name, self.x), (self.y_name, self.y) = (
            (str(name), sorted(self.checked_values(name, items))) for name, items in values.items()
        )

    def checked_values(self, name: str, values: Any) -> list[float]:
        """A parameter's values."""
        return checked_list(f"values.{name}", values, number)

    @abstractmethod
    def box(self, task: TaskT) -> Box:
        """The intervals of x and of y that training covered."""

    @abstractmethod
    def axis_label(self, task: TaskT, name: str) -> str:
        """A parameter's name with its unit."""

    @abstractmethod
    def evaluate_grid(self, members: Members, task: TaskT, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """The metric of the members, and of the best constant predictor: ``(seeds, y, x)`` both."""

    def run(self, members: Members, task: TaskT, seeds: Sequence[int]) -> ProbeResult:
        (scores, constant), box = self.evaluate_grid(members, task, seeds), self.box(task)
        (x_low, x_high), (y_low, y_high) = box
        x, y = np.meshgrid(self.x, self.y)
        bands = farther_bands(
            *(variation("", axis.ravel().tolist(), ends)["bands"] for axis, ends in zip((x, y), box, strict=True))
        )
        table = pd.DataFrame(
            {
                "seed": np.repeat(seeds, x.size),
                "x_name": self.axis_label(task, self.x_name),
                "y_name": self.axis_label(task, self.y_name),
                "x": np.tile(x.ravel(), len(seeds)),
                "y": np.tile(y.ravel(), len(seeds)),
                "x_low": x_low,
                "x_high": x_high,
                "y_low": y_low,
                "y_high": y_high,
                "band": np.tile(bands, len(seeds)),
                "metric": self.metric,
                "score": scores.ravel(),
                "constant": constant.ravel(),
            }
        )
        return ProbeResult(
            [],
            {self.metric: scores.reshape(len(seeds), -1)},
            {"scores": scores},
            table,
            bands=bands,
            levels={self.metric: {"constant": constant.reshape(len(seeds), -1)}},
        )

    def draw(self, result: ProbeResult, task: TaskT, title: str) -> Figure:
        return figures.generalisation_map(
            {"": result.arrays["scores"]},
            np.array(self.x),
            np.array(self.y),
            self.axis_label(task, self.x_name),
            self.axis_label(task, self.y_name),
            self.box(task),
            self.measure,
            title,
        )
