"""The simple recurrent cell (Elman, 1990)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from seqprobe.models.cell import Cell


class RNN(Cell):
    """hidden' = tanh(W x + U hidden + b), as torch.nn.RNN."""

    gates: ClassVar = ("hidden",)

    def step(self, projected: Tensor, *states: Tensor) -> dict[str, Tensor]:
        (hidden,) = states
        return {"hidden": self.recur(projected, hidden).tanh()}
