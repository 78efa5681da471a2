"""A layer's forward and backward pass over whole sequences, in a form that torch differentiates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from seqprobe.models.compiled.memory_layout import MemoryLayout


@dataclass(frozen=True)
class Forward:
    """A forward pass.

    Attributes:
        outputs: ``(seeds, batch, time, hidden)``.
        memory: what the backward pass finds there.
        shared: the arguments that it has as well.
    """

    outputs: Tensor
    memory: tuple[Tensor, ...]
    shared: Sequence[Any]


class SequencePasses(ABC):
    """Both passes of one layer, for a kind of device and numbers of one size."""

    def __init__(self, layout: MemoryLayout, dtype: torch.dtype) -> None:
        self.layout, self.dtype = layout, dtype

    @staticmethod
    @abstractmethod
    def group(units: int) -> int:
        """The sequences that a layer of some size computes together, if there are several."""

    @abstractmethod
    def forward(self, truncation: int | None, inputs: Tensor, tensors: Sequence[Tensor], is_kept: bool) -> Forward:
        """The outputs for inputs ``(seeds, batch, time, features)`` and tensors of weights, as the layout has them.

        Args:
            truncation: steps in a stretch through which gradients are carried back.
            is_kept: whether the backward pass follows.
        """

    @abstractmethod
    def backward(
        self, done: Forward, outer: Tensor, by_weights: Sequence[Tensor], needs_input_gradient: bool
    ) -> Tensor | None:
        """The gradient by the inputs, from those by the outputs.

        Args:
            by_weights: where those by each of the tensors are written; for each seed, their numbers are neighbours.
        """


class SequenceFunction(torch.autograd.Function):
    """``(seeds, batch, time, hidden)`` from inputs ``(seeds, batch, time, features)`` and tensors of weights."""

    @staticmethod
    def forward(ctx: Any, passes: SequencePasses, truncation: int | None, inputs: Tensor, *tensors: Tensor) -> Tensor:
        done = passes.forward(truncation, inputs, tensors, is_kept=True)
        ctx.passes, ctx.done = passes, Forward(torch.empty(0), done.memory, done.shared)
        ctx.shapes = [tensor.shape for tensor in tensors]
        return done.outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        outer = gradients[0].contiguous()
        by_weights = [outer.new_empty(shape) for shape in ctx.shapes]
        by_inputs = ctx.passes.backward(ctx.done, outer, by_weights, ctx.needs_input_grad[2])
        return None, None, by_inputs, *by_weights


def rows_contiguous(weights: Tensor) -> Tensor:
    """Weights whose numbers are neighbours in memory for each seed; between seeds there may be others."""
    expected = 1
    for size, stride in zip(weights.shape[:0:-1], weights.stride()[:0:-1], strict=True):
        if size > 1 and stride != expected:
            return weights.contiguous()
        expected *= size
    return weights
