"""Maps of generalisation: how well a network works over two varied parameters, in the training range and beyond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch

from seqprobe.batch import Batch, stack_batches
from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.figures import Box
from seqprobe.probes.generalisation_grid import Map
from seqprobe.probes.probe import Members, checked_list, sample_for_seeds, training_means
from seqprobe.probes.turnstile_probes import VARIED, WAIT, trained_interval
from seqprobe.scoring import ACCURACY, RMSE
from seqprobe.tasks.curve_tasks import CurveTask, Reproduce
from seqprobe.tasks.turnstile import Turnstile


class CurveMap(Map[CurveTask]):
    """Curves of the task's own family with any two of its parameters: the error of y, or of the predicted parameters.

    Parameters that do not vary stay in the middle of what training covered.
    """

    scores = (RMSE,)

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

    def evaluate_grid(self, members: Members, task: CurveTask, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        x, y = np.meshgrid(self.x, self.y)
        middle = {name: np.full(x.size, (low + high) / 2) for name, (low, high) in task.curve.ranges.items()}
        parameters = {**middle, self.x_name: x.ravel(), self.y_name: y.ravel()}
        batch = task.pose(task.curve, {name: torch.from_numpy(values) for name, values in parameters.items()})
        targets, outputs = batch.targets.numpy(), members.predict(batch)
        means = training_means(task, seeds)
        constant = means.reshape(len(seeds), *[1] * (targets.ndim - 1), -1)
        measured = [task.output_names.index("y")] if isinstance(task, Reproduce) else slice(None)

        def errors(predicted: np.ndarray) -> np.ndarray:
            squares = (predicted - targets)[..., measured] ** 2
            return np.asarray(np.sqrt(squares.mean(tuple(range(2, squares.ndim))))).reshape(len(seeds), *x.shape)

        return errors(outputs), errors(constant)


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

    scores = (ACCURACY,)

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

    def evaluate_grid(self, members: Members, task: Turnstile, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        values = {self.x_name: self.x, self.y_name: self.y}
        rows = [self._accuracies(members, task, seeds, int(n), values["coin_probability"]) for n in values["length"]]
        scores, constant = (np.stack(grid, 1) for grid in zip(*rows, strict=True))
        return (scores, constant) if self.y_name == "length" else (scores.swapaxes(1, 2), constant.swapaxes(1, 2))

    def _accuracies(
        self, members: Members, task: Turnstile, seeds: Sequence[int], length: int, probabilities: Sequence[float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """For sequences of one length those of the members and of always answering WAIT, ``(seeds, probabilities)``."""
        count = max(2, self.steps // length)

        def sample(source: torch.Generator) -> Batch:
            batches = [task.pose(count, length, (share, share), source) for share in probabilities]
            return Batch(*(tensor.flatten(0, 1) for tensor in stack_batches(batches).tensors))

        batch = sample_for_seeds(seeds, sample)
        logits, targets = members.predict(batch), batch.targets.numpy()
        correct = np.where(np.isfinite(logits).all(-1), logits.argmax(-1) == targets, np.nan)
        shape = (len(seeds), len(probabilities), -1)
        return correct.reshape(shape).mean(-1), (targets == WAIT).reshape(shape).mean(-1)
