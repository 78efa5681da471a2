"""A layer's forward pass by compiled code: machine code on the CPU, kernels on CUDA's GPUs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from seqprobe.models.compiled.memory_layout import MemoryLayout
from seqprobe.models.compiled.obstacle import device_obstacle
from seqprobe.models.compiled.sequence_passes import SequenceFunction, SequencePasses
from seqprobe.models.compiled.step_plan import StepPlan
from seqprobe.models.compiled.step_trace import trace_step

if TYPE_CHECKING:
    from seqprobe.models.cells.cell import Cell

PASSES = {"cpu": ("machine_passes", "MachinePasses"), "cuda": ("gpu.kernel_passes", "KernelPasses")}
"""By kind of device, the module and the class of what computes there; imported when it is needed."""


def passes_class(device: str) -> Any:
    """What computes on a kind of device."""
    module, name = PASSES[device]
    return getattr(importlib.import_module(f"{__package__}.{module}"), name)


class CompiledCell:
    """Computes one cell, whose weights have a seeds axis.

    Raises:
        UnknownStep: the cell's step cannot be traced.
    """

    def __init__(self, cell: Cell) -> None:
        self.blocks = cell.maps()[0].shape[-2] // cell.hidden_size
        self.plan = StepPlan(trace_step(cell, self.blocks), self.blocks, cell.recurrent)
        self.inputs, self.units = cell.input_size, cell.hidden_size
        self._loaded: dict[tuple[str, bool, torch.dtype], SequencePasses] = {}
        self._computes_on: dict[str, bool] = {}

    def __deepcopy__(self, copied: Any) -> CompiledCell:
        return self  # compiled code is shared

    def __call__(self, cell: Cell, inputs: Tensor) -> Tensor:
        """The layer's output at every step, ``(seeds, batch, time, hidden)``."""
        tensors = self.tensors(cell)
        if torch.is_grad_enabled():
            passes = self.passes(inputs.device.type, inputs.shape[1], inputs.dtype)
            outputs: Tensor = SequenceFunction.apply(passes, cell.truncation, inputs, *tensors)
            return outputs
        # How sequences are cut into pieces depends on the number of seeds, and codes for other groups may round
        # otherwise, so that validation has one for all batches.
        passes = self.passes(inputs.device.type, None, inputs.dtype)
        return passes.forward(cell.truncation, inputs, tensors, is_kept=False).outputs

    def tensors(self, cell: Cell) -> list[Tensor]:
        """All tensors of weights that the code computes with, in the layout's order, with their way to parameters."""
        weight, bias, recurrent = cell.maps()
        graph = self.plan.graph
        if graph.weights or graph.matrices:  # of this update, not of the one before
            graph = trace_step(cell, self.blocks)
        return [weight, bias, *([recurrent] if cell.recurrent else []), *graph.weights, *graph.matrices]

    def computes_on(self, cell: Cell, device: str) -> bool:
        """Whether there is compiled code for a kind of device."""
        if device not in self._computes_on:
            self._computes_on[device] = not device_obstacle(cell, device)
        return self._computes_on[device]

    def passes(self, device: str, batch: int | None, dtype: torch.dtype) -> SequencePasses:
        """The compiled code for batches of some size, or of any size, made once."""
        key = device, batch == 1, dtype
        if key not in self._loaded:
            kind = passes_class(device)
            self._loaded[key] = kind(self.layout(batch, kind.group(self.units)), dtype)
        return self._loaded[key]

    def layout(self, batch: int | None, group: int) -> MemoryLayout:
        """The layout for batches of some size, where several sequences are computed in groups."""
        return MemoryLayout(self.plan, self.inputs, self.units, 1 if batch == 1 else group)

    def missing_key(self, seeds: int, batch: int, dtype: torch.dtype) -> str | None:
        """What stands for the machine code that so many seeds and sequences need; None if there is that code."""
        kind = passes_class("cpu")
        key: str | None = kind.missing_key(self.layout(batch, kind.group(self.units)), dtype, seeds)
        return key
