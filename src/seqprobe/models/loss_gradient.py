"""The gradient of every member's loss by the member's outputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from seqprobe.batch import Batch

Loss = Callable[[Tensor, Batch], Tensor]
"""Each member's loss ``(seeds,)`` for outputs and the batch they answer, both with a seeds axis."""


class WrittenLoss(ABC):
    """A `Loss` that knows its gradient."""

    @abstractmethod
    def __call__(self, outputs: Tensor, batch: Batch) -> Tensor:
        """As any `Loss`."""

    @abstractmethod
    def with_gradient(self, outputs: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Each member's loss ``(seeds,)``, and its gradient by that member's outputs, in their shape."""


def with_gradient(loss: Loss, outputs: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """What `WrittenLoss.with_gradient` returns, for any loss."""
    if isinstance(loss, WrittenLoss):
        return loss.with_gradient(outputs, batch)
    return by_autograd(lambda values: loss(values, batch), outputs)


def by_autograd(losses: Callable[[Tensor], Tensor], outputs: Tensor) -> tuple[Tensor, Tensor]:
    """What a function of the outputs returns, and the gradient of its sum by them."""
    outputs = outputs.detach().requires_grad_()
    with torch.enable_grad():
        values = losses(outputs)
        (gradient,) = torch.autograd.grad(values.sum(), outputs, materialize_grads=True)
    return values.detach(), gradient
