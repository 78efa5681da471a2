"""Maps of generalisation: how well a network works over two varied parameters, in the training range and beyond."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.batch import Batch, stack_batches
from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.figures import Box
from seqprobe.probes.probe import Members, Probe, TaskT, checked_list, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.turnstile_probes import VARIED, trained_interval
from seqprobe.scoring import Score
from seqprobe.tasks.curve_tasks import CurveTask, Reproduce
from seqprobe.tasks.turnstile import Turnstile

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Map(Probe[TaskT], ABC):
    """Every pair of values of two parameters, with one score each.

    A single pair is no metric. Measures ``<metric>_inside`` and ``<metric>_outside``: the means over the pairs both of
    whose values training covered, and over the others; left out where there are none.

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
    def evaluate_grid(self, members: Members, task: TaskT, seeds: Sequence[int]) -> np.ndarray:
        """The metric, ``(seeds, y, x)``."""

    def run(self, members: Members, task: TaskT, seeds: Sequence[int]) -> ProbeResult:
        scores, ((x_low, x_high), (y_low, y_high)) = self.evaluate_grid(members, task, seeds), self.box(task)
        x, y = np.meshgrid(self.x, self.y)
        inside = (x >= x_low) & (x <= x_high) & (y >= y_low) & (y <= y_high)
        parts = {"inside": scores[:, inside], "outside": scores[:, ~inside]}
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
                "metric": self.metric,
                "score": scores.ravel(),
            }
        )
        overall = {f"{self.metric}_{name}": part.mean(1) for name, part in parts.items() if part.size}
        return ProbeResult([], {}, {"scores": scores}, table, overall)

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


class CurveMap(Map[CurveTask]):
    """Curves of the task's own family with any two of its parameters: the error of y, or of the parameters named.

    Parameters that do not vary stay in the middle of what training covered.
    """

    scores = (Score("rmse_outside", "lower", log=True), Score("rmse_inside", "lower", log=True))

    metric: ClassVar[str] = "rmse"
    measure: ClassVar[str] = "root mean squared error"

    def check(self, task: CurveTask) -> None:
        super().check(task)
        for name in (self.x_name, self.y_name):
            choice("values", name, task.curve.ranges)

    def box(self, task: CurveTask) -> Box:
        return task.curve.ranges[self.x_name], task.curve.ranges[self.y_name]

    def axis_label(self, task: CurveTask, name: str) -> str:
        return task.curve.label(name)

    def evaluate_grid(self, members: Members, task: CurveTask, seeds: Sequence[int]) -> np.ndarray:
        x, y = np.meshgrid(self.x, self.y)
        middle = {name: np.full(x.size, (low + high) / 2) for name, (low, high) in task.curve.ranges.items()}
        parameters = {**middle, self.x_name: x.ravel(), self.y_name: y.ravel()}
        batch = task.pose(task.curve, {name: torch.from_numpy(values) for name, values in parameters.items()})
        errors = members.predict(batch) - batch.targets.numpy()
        if isinstance(task, Reproduce):
            errors = errors[..., [task.output_names.index("y")]]
        return np.asarray(np.sqrt((errors**2).mean(tuple(range(2, errors.ndim))))).reshape(len(seeds), *x.shape)


def probability(key: str, value: Any) -> float:
    """Return ``value`` if it is a number in [0, 1].

    Raises:
        InvalidValue: it is not.
    """
    if not 0 <= number(key, value) <= 1:
        raise InvalidValue(key, value, "a probability must be in [0, 1]")
    return float(value)


class TurnstileMap(Map[Turnstile]):
    """Random sequences of any ``length`` with any ``coin_probability``: the accuracy of all answers.

    Args:
        steps: for every pair and member, in as many sequences (two at least) as they make.
    """

    scores = (Score("accuracy_outside", "higher"), Score("accuracy_inside", "higher"))

    metric: ClassVar[str] = "accuracy"
    measure: ClassVar[str] = "accuracy of all answers"

    def __init__(self, values: Mapping[str, Sequence[Any]], steps: int = 2_000) -> None:
        super().__init__(values)
        self.steps = integer("steps", steps)

    def checked_values(self, name: str, values: Any) -> list[float]:
        return checked_list(
            f"values.{choice('values', name, VARIED)}", values, integer if name == "length" else probability
        )

    def box(self, task: Turnstile) -> Box:
        return trained_interval(task, self.x_name), trained_interval(task, self.y_name)

    def axis_label(self, task: Turnstile, name: str) -> str:
        return VARIED[name]

    def during_training(self) -> None:
        """None: the probes of length and of coins alone measure nearly the same for less."""

    def evaluate_grid(self, members: Members, task: Turnstile, seeds: Sequence[int]) -> np.ndarray:
        values = {self.x_name: self.x, self.y_name: self.y}
        rows = [self._accuracies(members, task, seeds, int(n), values["coin_probability"]) for n in values["length"]]
        by_length = np.stack(rows, 1)
        return by_length if self.y_name == "length" else by_length.swapaxes(1, 2)

    def _accuracies(
        self, members: Members, task: Turnstile, seeds: Sequence[int], length: int, probabilities: Sequence[float]
    ) -> np.ndarray:
        """For sequences of one length, ``(seeds, probabilities)``."""
        count = max(2, self.steps // length)

        def sample(source: torch.Generator) -> Batch:
            batches = [task.pose(count, length, (share, share), source) for share in probabilities]
            return Batch(*(tensor.flatten(0, 1) for tensor in stack_batches(batches).tensors))

        batch = sample_for_seeds(seeds, sample)
        logits, targets = members.predict(batch), batch.targets.numpy()
        correct = np.where(np.isfinite(logits).all(-1), logits.argmax(-1) == targets, np.nan)
        return np.asarray(correct.reshape(len(seeds), len(probabilities), -1).mean(-1))
