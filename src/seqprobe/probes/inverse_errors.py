"""Errors of a network that inverts the wavy function, with other noise, other lengths and other z."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.probes.bands import variation
from seqprobe.probes.probe import Members, Probe, checked_list, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import MSE, RMSE, Role, Score
from seqprobe.tasks.inverse import Inverse

LENGTH = "length (inputs)"


class InverseErrors(Probe[Inverse]):
    """Random sequences with another noise, another length, or z around other values; measures ``mse`` and ``rmse``.

    Args:
        vary: ``noise`` (standard deviation), ``length`` (inputs), or ``target`` (z within 1 of the value).
        values: its values.
        size: sequences for each member, per value.
    """

    scores: tuple[Score, ...] = (RMSE, MSE)

    VARIED: ClassVar = {"noise": "noise (standard deviation)", "length": LENGTH, "target": "target"}
    LABELS: ClassVar[dict[str, str]] = {
        "noise": "standard deviation of the inputs' noise",
        "length": "inputs",
        "target": "z (within 1)",
    }

    def __init__(self, vary: str, values: Sequence[Any], size: int = 1_000) -> None:
        self.vary = choice("vary", vary, self.LABELS)
        self.values = checked_list("values", values, integer if vary == "length" else number)
        if vary == "noise" and min(self.values) < 0:
            raise InvalidValue("values", values, "a noise must be >= 0")
        self.size = integer("size", size)

    def trained_interval(self, task: Inverse) -> tuple[float, float]:
        """The interval of the varied quantity that training covered."""
        lengths = float(task.lengths.min()), float(task.lengths.max())
        return {"noise": (task.noise, task.noise), "length": lengths, "target": (task.low, task.high)}[self.vary]

    def noise_and_targets(self, task: Inverse, value: float) -> tuple[float, tuple[float, float]]:
        """The noise and the range of z in the sequences for one value."""
        targets = (value - 1, value + 1) if self.vary == "target" else (task.low, task.high)
        return value if self.vary == "noise" else task.noise, targets

    def batch(self, task: Inverse, value: float, source: torch.Generator) -> Batch:
        """One member's sequences for one value."""
        noise, (low, high) = self.noise_and_targets(task, value)
        z = low + (high - low) * torch.rand(self.size, generator=source, dtype=torch.float64)
        possible = torch.tensor([value]) if self.vary == "length" else task.lengths
        lengths = possible[torch.randint(len(possible), (self.size,), generator=source)]
        return task.pose(z, lengths, noise, source)

    def batches(self, task: Inverse, seeds: Sequence[int]) -> list[Batch]:
        """All members' sequences, for each value."""
        return [sample_for_seeds(seeds, partial(self.batch, task, value)) for value in self.values]

    def run(self, members: Members, task: Inverse, seeds: Sequence[int]) -> ProbeResult:
        return self.errors(members, task, self.batches(task, seeds))

    def errors(self, members: Members, task: Inverse, batches: Sequence[Batch]) -> ProbeResult:
        """The errors of members on the sequences for each value, and those of the best constant answer."""
        squares, constant, middle = list[np.ndarray](), list[np.ndarray](), (task.low + task.high) / 2
        for batch in batches:
            targets = batch.targets.numpy()
            squares.append(((members.predict(batch) - targets) ** 2).mean((1, 2)))
            constant.append(((middle - targets) ** 2).mean((1, 2)))
        mse = np.stack(squares, 1)
        return ProbeResult(
            [str(value) for value in self.values],
            {"mse": mse, "rmse": np.sqrt(mse)},
            levels=error_levels({"constant": np.stack(constant, 1)}),
            **variation(self.VARIED[self.vary], self.values, self.trained_interval(task), self.reach),
        )


def error_levels(mse: Mapping[Role, np.ndarray]) -> dict[str, dict[Role, np.ndarray]]:
    """The levels of ``mse``, and those of ``rmse`` that follow."""
    return {"mse": dict(mse), "rmse": {role: np.sqrt(values) for role, values in mse.items()}}
