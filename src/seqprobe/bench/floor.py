"""The least time that an update could take: its arithmetic at the rates that one thread reaches on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from seqprobe.bench.shapes import Shape
from seqprobe.models.cells.cell import Cell

PASSES = 3
"""Forward, and backward to states and to weights: each multiplies every weight once per sequence and step."""


@dataclass(frozen=True)
class Rates:
    """What one thread reaches: multiplications with addition, and sigmoids, per second."""

    multiply_adds: float
    sigmoids: float


def rates() -> Rates:
    """Measure them: a product of two matrices that fit in the cache, and a sigmoid of numbers that do."""
    size, count = 256, 2**13
    left, right, numbers = torch.randn(size, size), torch.randn(size, size), torch.randn(count)
    product, result = torch.empty(size, size), torch.empty(count)
    return Rates(
        multiply_adds=size**3 / least_seconds(lambda: torch.mm(left, right, out=product)),
        sigmoids=count / least_seconds(lambda: torch.sigmoid(numbers, out=result)),
    )


def least_seconds(function: Callable[[], object], trials: int = 200) -> float:
    """The least seconds that a call took."""
    seconds = []
    for _ in range(trials):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def floor_milliseconds(cell: Cell, shape: Shape, reached: Rates) -> float:
    """Milliseconds of arithmetic in one update of one seed.

    Counted are the multiplications by weights, and one nonlinearity for every gate and for every carried state that
    is not the output; the readout, the loss and the optimizer are not.
    """
    steps = shape.batch * shape.time
    weights = cell.input_weight.numel() + cell.recurrent_weight.numel()
    nonlinear = (len(cell.gates) + len(cell.states) - 1) * cell.hidden_size
    return 1000 * steps * (PASSES * weights / reached.multiply_adds + nonlinear / reached.sigmoids)
