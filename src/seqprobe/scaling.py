"""How inputs and targets are normalised: by means and standard deviations of a training set."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

COARSE = 1e-3
"""Standard deviations of rounding above which values count as too coarse to learn from."""


@dataclass(frozen=True)
class Scaling:
    """Means and standard deviations of a member's training set, in the units of its data; all float64.

    Attributes:
        input_mean, input_deviation: ``(input_size,)``.
        output_mean, output_deviation: ``(output_size,)``; zeros and ones for classes.
    """

    input_mean: Tensor
    input_deviation: Tensor
    output_mean: Tensor
    output_deviation: Tensor

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The tensors by name."""
        names = ("input_mean", "input_deviation", "output_mean", "output_deviation")
        return {name: getattr(self, name) for name in names}

    def coarse_values(self, dtype: torch.dtype) -> list[tuple[str, int]]:
        """Which ``"inputs"`` and ``"targets"``, by index, vary too little around their mean to be told apart."""
        pairs = {
            "inputs": (self.input_mean, self.input_deviation),
            "targets": (self.output_mean, self.output_deviation),
        }
        step = torch.finfo(dtype).eps
        return [
            (name, index)
            for name, (mean, deviation) in pairs.items()
            for index in (mean.abs() * step > COARSE * deviation).nonzero().flatten().tolist()
        ]
