"""A layer's forward pass by machine code, in a form that torch differentiates."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from seqprobe.models.compiled.machine_code import MachineCode, load_machine_code, missing_key
from seqprobe.models.compiled.memory_layout import MemoryLayout
from seqprobe.models.compiled.step_plan import StepPlan
from seqprobe.models.compiled.step_trace import trace_step
from seqprobe.models.compiled.vector_arithmetic import LANES

if TYPE_CHECKING:
    from seqprobe.models.cells.cell import Cell

NUMBERS = {torch.float32: "float", torch.float64: "double"}
BYTES = 64
"""Of a vector; memory starts at a multiple of it."""
GROUP = 4
"""Sequences that are computed together, so that each weight is read once for all of them."""
NEVER = 2**62
"""A truncation longer than any sequence."""


class CompiledCell:
    """Computes one cell, whose weights have a seeds axis.

    Raises:
        UnknownStep: the cell's step cannot be traced.
    """

    def __init__(self, cell: Cell) -> None:
        self.blocks = cell.maps()[0].shape[-2] // cell.hidden_size
        self.plan = StepPlan(trace_step(cell, self.blocks), self.blocks, cell.recurrent)
        self._layouts = [MemoryLayout(self.plan, cell.input_size, cell.hidden_size, group) for group in (1, GROUP)]
        self._loaded: dict[tuple[int, torch.dtype], tuple[MemoryLayout, MachineCode]] = {}

    def __deepcopy__(self, copied: Any) -> CompiledCell:
        return self  # machine code is shared

    def __call__(self, cell: Cell, inputs: Tensor) -> Tensor:
        """The layer's output at every step, ``(seeds, batch, time, hidden)``."""
        weight, bias, recurrent = cell.maps()
        graph = self.plan.graph
        if graph.weights or graph.matrices:  # with the gradients' way to this update's weights
            graph = trace_step(cell, self.blocks)
        tensors = [weight, bias, *([recurrent] if cell.recurrent else []), *graph.weights, *graph.matrices]
        truncation = cell.truncation or NEVER
        if torch.is_grad_enabled():
            loaded = self.loaded(inputs.shape[1], inputs.dtype)
            outputs: Tensor = SequenceFunction.apply(*loaded, truncation, inputs, *tensors)
            return outputs
        # How sequences are cut into pieces depends on the number of seeds, and codes for other groups may round
        # otherwise, so that validation has one for all batches.
        return run_forward(*self.loaded(GROUP, inputs.dtype), truncation, inputs, tensors, is_kept=False).outputs

    def loaded(self, batch: int, dtype: torch.dtype) -> tuple[MemoryLayout, MachineCode]:
        """The machine code for batches of some size, compiled once."""
        layout = self.layout(batch)
        if (layout.group, dtype) not in self._loaded:
            self._loaded[layout.group, dtype] = layout, load_machine_code(layout, NUMBERS[dtype])
        return self._loaded[layout.group, dtype]

    def layout(self, batch: int) -> MemoryLayout:
        """The layout for batches of some size."""
        return self._layouts[batch > 1]

    def missing_key(self, batch: int, dtype: torch.dtype) -> str | None:
        """What stands for the machine code that batches of some size need; None if there is that code."""
        return missing_key(self.layout(batch), NUMBERS[dtype])


def aligned(vectors: int, dtype: torch.dtype) -> Tensor:
    """Memory for so many vectors; torch's begins at a multiple of `BYTES`."""
    memory = torch.empty(vectors * BYTES // dtype.itemsize, dtype=dtype)
    assert memory.data_ptr() % BYTES == 0
    return memory


class SequenceFunction(torch.autograd.Function):
    """``(seeds, batch, time, hidden)`` from inputs ``(seeds, batch, time, features)`` and tensors of weights."""

    @staticmethod
    def forward(
        ctx: Any, layout: MemoryLayout, code: MachineCode, truncation: int, inputs: Tensor, *tensors: Tensor
    ) -> Tensor:
        done = run_forward(layout, code, truncation, inputs, tensors, is_kept=True)
        ctx.code, ctx.layout, ctx.shared, ctx.memory = code, layout, done.shared, done.memory
        ctx.shapes, ctx.inputs_shape = [tensor.shape for tensor in tensors], inputs.shape
        return done.outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        outer = gradients[0].contiguous()
        layout, time = ctx.layout, ctx.inputs_shape[2]
        work = aligned(layout.work_vectors(time), outer.dtype)
        by_inputs = outer.new_empty(ctx.inputs_shape) if ctx.needs_input_grad[3] else None
        by_weights = [outer.new_empty(shape) for shape in ctx.shapes]
        places = [0 if by_inputs is None else by_inputs.data_ptr(), *addresses(by_weights)]
        call(ctx.code.backward, [*ctx.shared, work.data_ptr(), 0, outer.data_ptr(), *places])
        return None, None, None, by_inputs, *by_weights


@dataclass(frozen=True)
class Forward:
    """A forward pass.

    Attributes:
        shared: the arguments that the backward pass has as well.
        memory: what it finds there.
    """

    outputs: Tensor
    shared: Sequence[int]
    memory: tuple[Tensor, ...]


def run_forward(
    layout: MemoryLayout,
    code: MachineCode,
    truncation: int,
    inputs: Tensor,
    tensors: Sequence[Tensor],
    is_kept: bool,
) -> Forward:
    """Call the forward pass; unless the backward pass follows, all groups of sequences use the same memory."""
    inputs, tensors = inputs.contiguous(), [rows_contiguous(tensor) for tensor in tensors]
    dtype, (seeds, batch, time, _) = inputs.dtype, inputs.shape
    blocks, groups = -(-seeds // LANES[NUMBERS[dtype]]), -(-batch // layout.group)
    of_group = layout.kept_vectors(time)
    distances = (of_group * groups, of_group) if is_kept else (0, 0)
    kept, packed = (
        aligned(of_group * (blocks * groups if is_kept else 1), dtype),
        aligned(layout.weights * blocks, dtype),
    )
    outputs = inputs.new_empty(seeds, batch, time, layout.units)
    shared = [seeds, batch, time, truncation, kept.data_ptr(), *distances, packed.data_ptr(), layout.weights]
    call(code.forward, [*shared, 0, inputs.data_ptr(), outputs.data_ptr(), 0, *addresses(tensors)])
    return Forward(outputs, shared, (kept, packed))


def rows_contiguous(weights: Tensor) -> Tensor:
    """Weights whose numbers are neighbours in memory for each seed; between seeds there may be others."""
    expected = 1
    for size, stride in zip(weights.shape[:0:-1], weights.stride()[:0:-1], strict=True):
        if size > 1 and stride != expected:
            return weights.contiguous()
        expected *= size
    return weights


def addresses(tensors: Sequence[Tensor]) -> list[int]:
    """The address of every tensor, and the distance between its seeds."""
    return [number for tensor in tensors for number in (tensor.data_ptr(), tensor.stride(0))]


def call(function: Any, arguments: Sequence[int]) -> None:
    """Call machine code."""
    array = (ctypes.c_int64 * len(arguments))(*arguments)
    function(ctypes.addressof(array))
