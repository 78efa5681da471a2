"""Curves outside the training range, for a network that names a curve's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.checks import choice
from seqprobe.probes.curve_probes import CurveProbe
from seqprobe.probes.probe import Members, training_means
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import RMSE
from seqprobe.tasks.curve_tasks import NameParameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ParameterProbe(CurveProbe[NameParameters]):
    """The parameters that a network names for curves outside the range that it was trained on.

    Measures ``rmse`` over the predicted parameters, and ``predicted_<parameter>`` of each.
    """

    scores = (RMSE,)

    def check(self, task: NameParameters) -> None:
        super().check(task)
        for name in task.output_names:
            choice("curve", name, self.curve.ranges)

    def run(self, members: Members, task: NameParameters, seeds: Sequence[int]) -> ProbeResult:
        names, batch = task.output_names, self.batch(task)
        targets, outputs = batch.targets.numpy(), members.predict(batch)
        constant = training_means(task, seeds)[:, None]
        scores = {"rmse": np.sqrt(((outputs - targets) ** 2).mean(-1))}
        scores |= {f"predicted_{name}": outputs[..., k] for k, name in enumerate(names)}
        table = pd.DataFrame(
            {
                "seed": np.repeat(seeds, targets.size),
                "value": np.tile(np.repeat(self.labels, len(names)), len(seeds)),
                "parameter": np.tile(names, len(seeds) * len(targets)),
                "truth": np.tile(targets.ravel(), len(seeds)),
                "prediction": outputs.ravel(),
            }
        )
        return ProbeResult(
            self.labels,
            scores,
            {"targets": targets, "outputs": outputs},
            table,
            levels={"rmse": {"constant": np.sqrt(((constant - targets) ** 2).mean(-1))}},
            shared=["targets"],
            **self.variation(task),
        )

    def draw(self, result: ProbeResult, task: NameParameters, title: str) -> Figure:
        outputs = result.arrays["outputs"]
        known = self.parameters()
        predicted = {name: torch.from_numpy(outputs[..., k].ravel()) for k, name in enumerate(task.output_names)}
        fixed = {name: value.repeat(len(outputs)) for name, value in known.items() if name not in predicted}
        rebuilt = self.curve.evaluate(task.x, fixed | predicted).numpy().reshape(*outputs.shape[:2], -1)
        return figures.parameter_probe(
            task.x.numpy(),
            "x",
            self.truth(task),
            rebuilt,
            self.legend,
            task.output_names,
            result.arrays["targets"],
            outputs,
            [self.shaded_range(task, name) for name in task.output_names],
            self.is_inside(task, self.curve.ranges),
            title,
        )
