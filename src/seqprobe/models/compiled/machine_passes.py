"""A layer's passes by machine code, on the CPU."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from seqprobe.models.compiled.machine_code import MachineCode, load_machine_code, missing_key
from seqprobe.models.compiled.memory_layout import MemoryLayout
from seqprobe.models.compiled.sequence_passes import Forward, SequencePasses, rows_contiguous
from seqprobe.models.compiled.vector_arithmetic import VectorKind, vector_kind

NUMBERS = {torch.float32: "float", torch.float64: "double"}
GROUP = 4
"""Sequences that are computed together, so that each weight is read once for all of them."""
STRETCH = 16
"""Steps whose values are in memory at the same time where they are not kept: so few stay in the processor's cache."""
NEVER = 2**62
"""A truncation longer than any sequence."""


class MachinePasses(SequencePasses):
    """Runs machine code, with the smallest vectors that hold all seeds, or several of the largest."""

    def __init__(self, layout: MemoryLayout, dtype: torch.dtype) -> None:
        super().__init__(layout, dtype)
        self._codes: dict[VectorKind, MachineCode] = {}

    def code(self, seeds: int) -> MachineCode:
        """The code for so many seeds, loaded once."""
        kind = vector_kind(NUMBERS[self.dtype], seeds)
        if kind not in self._codes:
            self._codes[kind] = load_machine_code(self.layout, kind)
        return self._codes[kind]

    @staticmethod
    def group(units: int) -> int:
        return GROUP

    def forward(self, truncation: int | None, inputs: Tensor, tensors: Sequence[Tensor], is_kept: bool) -> Forward:
        """Unless the backward pass follows, all groups of sequences and stretches of steps use the same memory."""
        layout, inputs, tensors = self.layout, inputs.contiguous(), [rows_contiguous(tensor) for tensor in tensors]
        seeds, batch, time, _ = inputs.shape
        code = self.code(seeds)
        blocks, groups = -(-seeds // code.kind.lanes), -(-batch // layout.group)
        stretch = time if is_kept else min(time, STRETCH)
        of_group = layout.kept_vectors(stretch)
        distances = (of_group * groups, of_group) if is_kept else (0, 0)
        kept = self.vectors(of_group * (blocks * groups if is_kept else 1), code.kind)
        packed = self.vectors(layout.weights * blocks, code.kind)
        outputs = inputs.new_empty(seeds, batch, time, layout.units)
        sizes = [seeds, batch, time, truncation or NEVER]
        shared = [*sizes, kept.data_ptr(), *distances, packed.data_ptr(), layout.weights]
        call(code.forward, [*shared, stretch, inputs.data_ptr(), outputs.data_ptr(), 0, *addresses(tensors)])
        return Forward(outputs, (kept, packed), [inputs.shape, shared])

    def backward(
        self, done: Forward, outer: Tensor, by_weights: Sequence[Tensor], needs_input_gradient: bool
    ) -> Tensor | None:
        inputs_shape, shared = done.shared
        code = self.code(inputs_shape[0])
        work = self.vectors(self.layout.work_vectors(inputs_shape[2]), code.kind)
        by_inputs = outer.new_empty(inputs_shape) if needs_input_gradient else None
        places = [0 if by_inputs is None else by_inputs.data_ptr(), *addresses(by_weights)]
        call(code.backward, [*shared, work.data_ptr(), 0, outer.data_ptr(), *places])
        return by_inputs

    def vectors(self, count: int, kind: VectorKind) -> Tensor:
        """Memory for so many vectors, which begins at a multiple of their size, as all of torch's does."""
        memory = torch.empty(count * kind.lanes, dtype=self.dtype)
        assert memory.data_ptr() % kind.bytes == 0
        return memory

    @staticmethod
    def missing_key(layout: MemoryLayout, dtype: torch.dtype, seeds: int) -> str | None:
        """What stands for the machine code of a layout and so many seeds; None if there is that code."""
        return missing_key(layout, vector_kind(NUMBERS[dtype], seeds))


def addresses(tensors: Sequence[Tensor]) -> list[int]:
    """The address of every tensor, and the distance between its seeds."""
    return [number for tensor in tensors for number in (tensor.data_ptr(), tensor.stride(0))]


def call(function: Any, arguments: Sequence[int]) -> None:
    """Call machine code."""
    array = (ctypes.c_int64 * len(arguments))(*arguments)
    function(ctypes.addressof(array))
