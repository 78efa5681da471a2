"""The simple recurrent cell (Elman, 1990)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from seqprobe.models.cells.cell import Cell


class RNN(Cell):
    """hidden' = tanh(W x + U hidden + b), as torch.nn.RNN."""

    gates: ClassVar = ("hidden",)

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": blocks[0].tanh()}


class ReLURNN(Cell):
    """hidden' = max(0, W x + U hidden + b), as torch.nn.RNN with ``nonlinearity="relu"``."""

    gates: ClassVar = ("hidden",)

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": blocks[0].relu()}
