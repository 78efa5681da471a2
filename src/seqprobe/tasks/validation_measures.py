"""Measures that validation takes where a task states them, beside the loss and RMSE or accuracy."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from seqprobe.scoring import MAE, MSE

Measure = Callable[[Tensor, Tensor], Tensor]
"""Called with outputs ``(…, output_size)`` and targets: numbers ``(…, output_size)`` or classes ``(…)``.

Returns a value per output, ``(…, output_size)``, or per target, ``(…, 1)``; a member's score is their mean over the
targets that count."""


def absolute_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """The absolute error of every output."""
    return (outputs - targets).abs()


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """The squared error of every output."""
    return (outputs - targets).square()


MEASURES: dict[str, Measure] = {MAE.name: absolute_error, MSE.name: squared_error}
"""Measures of numbers that need no declaration, by the name of their score."""
