"""Other noise, other lengths and other z, for a network that inverts the wavy function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.probes.bands import variation
from seqprobe.probes.inverse_errors import LENGTH, InverseErrors, error_levels
from seqprobe.probes.probe import Members, Probe
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import RMSE
from seqprobe.tasks.inverse import Inverse, wavy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRID = 200


class InverseProbe(InverseErrors):
    """The same, with a floor: the error of the best possible answers to sequences like the probed ones."""

    DURING_SIZE = 200

    def run(self, members: Members, task: Inverse, seeds: Sequence[int]) -> ProbeResult:
        batches, floor = self.batches(task, seeds), []
        result = self.errors(members, task, batches)
        for value, batch in zip(self.values, batches, strict=True):
            known = self.noise_and_targets(task, value)
            best = torch.stack([task.posterior_mean(single, *known) for single in batch.unbind()])
            floor.append((best - batch.targets[..., 0]).square().mean(1).numpy())
        return replace(result, levels=error_levels({**result.levels["mse"], "floor": np.stack(floor, 1)}))

    def during_training(self) -> InverseErrors:
        """Fewer sequences, and without the best possible answers, which take longest and stay the same."""
        return InverseErrors(self.vary, self.values, min(self.size, self.DURING_SIZE))

    def draw(self, result: ProbeResult, task: Inverse, title: str) -> Figure:
        return figures.scores_by_position(
            np.array(self.values, dtype=float),
            self.LABELS[self.vary],
            {"mean squared error of z": result.scores["mse"]},
            {"mean squared error of z": result.labelled_levels("mse")},
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
        lengths, middle = task.lengths.tolist(), (task.low + task.high) / 2
        best = torch.stack([task.posterior_mean(batch, noise=0.0) for batch in batches]).numpy()
        floor, constant = (np.sqrt(((answers - z.numpy()) ** 2).mean(-1)) for answers in (best, middle))
        return ProbeResult(
            [str(length) for length in lengths],
            {"rmse": errors},
            arrays,
            table,
            levels={"rmse": {"floor": np.tile(floor, (len(seeds), 1)), "constant": np.full(errors.shape, constant)}},
            shared=["z", "values", "ideal"],
            **variation(LENGTH, lengths, (min(lengths), max(lengths)), self.reach),
        )

    def draw(self, result: ProbeResult, task: Inverse, title: str) -> Figure:
        names = [f"{label} inputs" for label in result.labels]
        arrays = result.arrays
        return figures.inverse_grid(arrays["z"], arrays["values"], arrays["outputs"], arrays["ideal"], names, title)

    def _batch(self, task: Inverse, z: Tensor, length: int) -> Batch:
        return task.pose(z, torch.full((len(z),), length), 0.0, torch.Generator())
