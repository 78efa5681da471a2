"""Other noise, other lengths and other z, for a network that inverts the wavy function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.probes.probe import Members, Probe, checked_list, distances_outside, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import MSE, RMSE, Score
from seqprobe.tasks.inverse import Inverse, wavy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRID = 200
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
        kind = {"noise": number, "length": integer, "target": number}[vary]
        self.values = checked_list("values", values, kind)
        if vary == "noise" and min(self.values) < 0:
            raise InvalidValue("values", values, "a noise must be >= 0")
        self.size = integer("size", size)

    def trained_interval(self, task: Inverse) -> tuple[float, float]:
        """The interval of the varied quantity that training covered."""
        lengths = float(task.lengths.min()), float(task.lengths.max())
        return {"noise": (task.noise, task.noise), "length": lengths, "target": (task.low, task.high)}[self.vary]

    def batch(self, task: Inverse, value: float, source: torch.Generator) -> Batch:
        """One member's sequences for one value."""
        low, high = (value - 1, value + 1) if self.vary == "target" else (task.low, task.high)
        z = low + (high - low) * torch.rand(self.size, generator=source, dtype=torch.float64)
        known = torch.tensor([value]) if self.vary == "length" else task.lengths
        lengths = known[torch.randint(len(known), (self.size,), generator=source)]
        return task.pose(z, lengths, value if self.vary == "noise" else task.noise, source)

    def batches(self, task: Inverse, seeds: Sequence[int]) -> Iterator[Batch]:
        """All members' sequences, for one value after the other."""
        for value in self.values:
            yield sample_for_seeds(seeds, partial(self.batch, task, value))

    def run(self, members: Members, task: Inverse, seeds: Sequence[int]) -> ProbeResult:
        errors = [members.predict(batch) - batch.targets.numpy() for batch in self.batches(task, seeds)]
        mse = np.stack([(error**2).mean((1, 2)) for error in errors], 1)
        distances = distances_outside(self.values, self.trained_interval(task))
        scores = {"mse": mse, "rmse": np.sqrt(mse)}
        return ProbeResult(
            [str(value) for value in self.values], scores, varied=self.VARIED[self.vary], distances=distances
        )


class InverseProbe(InverseErrors):
    """The same, with ``ideal_mse``: that of the best possible answers for the training distribution."""

    scores = (RMSE, MSE, Score("ideal_mse", None))

    DURING_SIZE = 200

    def run(self, members: Members, task: Inverse, seeds: Sequence[int]) -> ProbeResult:
        result, ideal = super().run(members, task, seeds), []
        for batch in self.batches(task, seeds):
            best = torch.stack([task.posterior_mean(single) for single in batch.unbind()])
            ideal.append((best - batch.targets[..., 0]).square().mean(1).numpy())
        return replace(result, scores={**result.scores, "ideal_mse": np.stack(ideal, 1)})

    def during_training(self) -> InverseErrors:
        """Fewer sequences, and without the best possible answers, which take longest and stay the same."""
        return InverseErrors(self.vary, self.values, min(self.size, self.DURING_SIZE))

    def draw(self, result: ProbeResult, task: Inverse, title: str) -> Figure:
        ideal = np.median(result.scores["ideal_mse"], 0)
        constant = np.full(len(self.values), (task.high - task.low) ** 2 / 12)
        levels = {"best possible for the training distribution": ideal}
        if self.vary != "target":
            levels["constant predictor"] = constant
        return figures.scores_by_position(
            np.array(self.values, dtype=float),
            self.LABELS[self.vary],
            {"mean squared error of z": result.scores["mse"]},
            {"mean squared error of z": levels},
            self.trained_interval(task),
            title,
            ("y",),
        )


class InverseGrid(Probe[Inverse]):
    """Noise-free inputs for 200 z over the training range, for every length of the training; measures ``rmse``."""

    scores = (RMSE,)

    def run(self, members: Members, task: Inverse, seeds: Sequence[int]) -> ProbeResult:
        z = torch.linspace(task.low, task.high, GRID, dtype=torch.float64)
        batches = [self._batch(task, z, int(length)) for length in task.lengths]
        outputs = np.stack([members.predict(batch)[..., 0] for batch in batches], 1)
        ideal = torch.stack([task.posterior_mean(batch) for batch in batches]).numpy()
        errors = np.sqrt(((outputs - z.numpy()) ** 2).mean(-1))
        arrays = {"z": z.numpy(), "values": wavy(z).numpy(), "outputs": outputs, "ideal": ideal}
        seed, length, point = (axis.ravel() for axis in np.indices(outputs.shape))
        table = pd.DataFrame(
            {
                "seed": np.asarray(seeds)[seed],
                "inputs": task.lengths.numpy()[length],
                "z": z.numpy()[point],
                "f": arrays["values"][point],
                "prediction": outputs.ravel(),
                "best_possible": ideal[length, point],
            }
        )
        labels, inside = [str(int(length)) for length in task.lengths], np.zeros(len(task.lengths))
        return ProbeResult(labels, {"rmse": errors}, arrays, table, varied=LENGTH, distances=inside)

    def draw(self, result: ProbeResult, task: Inverse, title: str) -> Figure:
        names = [f"{label} inputs" for label in result.labels]
        arrays = result.arrays
        return figures.inverse_grid(arrays["z"], arrays["values"], arrays["outputs"], arrays["ideal"], names, title)

    def _batch(self, task: Inverse, z: Tensor, length: int) -> Batch:
        return task.pose(z, torch.full((len(z),), length), 0.0, torch.Generator())
