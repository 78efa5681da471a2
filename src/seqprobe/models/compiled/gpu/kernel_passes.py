"""A layer's passes by Triton's kernels, on a GPU: a program for each group of sequences of each seed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from seqprobe.models.compiled.gpu.forward_kernel import ForwardKernel
from seqprobe.models.compiled.gpu.kernel_file import kernels_text, load_kernels
from seqprobe.models.compiled.gpu.sequence_kernel import padded
from seqprobe.models.compiled.memory_layout import MemoryLayout
from seqprobe.models.compiled.sequence_passes import Forward, SequencePasses, rows_contiguous

VALUES, MOST_LANES = 128, 8
"""Numbers in a tile of a cell's values, about, and most sequences in it."""
PRODUCTS, MOST_WARPS = 8, 16
"""Products of a block that a thread adds up, about, and most warps of 32 threads in a program.

Chosen by what the compiler reports: with them, kernels of up to 16 units need no more registers than there are.
"""
NEVER = 2**31 - 1
"""A truncation longer than any sequence."""


class KernelPasses(SequencePasses):
    """Runs kernels; a program's weights, states and sums stay in its registers."""

    def __init__(self, layout: MemoryLayout, dtype: torch.dtype) -> None:
        super().__init__(layout, dtype)
        is_single = dtype == torch.float32
        self.kernels = load_kernels(kernels_text(layout, is_single))
        sizes = ForwardKernel(layout, is_single)
        self.kept_numbers = sizes.slots * sizes.units * layout.group
        products = sizes.units * max(sizes.units, sizes.features) * layout.group
        self.warps = max(1, min(MOST_WARPS, products // (32 * PRODUCTS)))

    @staticmethod
    def group(units: int) -> int:
        return max(1, min(MOST_LANES, VALUES // padded(units)))

    def forward(self, truncation: int | None, inputs: Tensor, tensors: Sequence[Tensor], is_kept: bool) -> Forward:
        layout, inputs, tensors = self.layout, inputs.contiguous(), [rows_contiguous(tensor) for tensor in tensors]
        seeds, batch, time, _ = inputs.shape
        grid = seeds, -(-batch // layout.group)
        outputs = inputs.new_empty(seeds, batch, time, layout.units)
        kept = inputs.new_empty(grid[0] * grid[1] * time * self.kept_numbers if is_kept else 1)
        with torch.cuda.device_of(inputs):
            arguments = [is_kept, batch, time, inputs, outputs, kept, *with_strides(tensors)]
            self.kernels["forward"][grid](*arguments, num_warps=self.warps)
        return Forward(outputs, (inputs, kept, *tensors), [grid, truncation or NEVER])

    def backward(
        self, done: Forward, outer: Tensor, by_weights: Sequence[Tensor], needs_input_gradient: bool
    ) -> Tensor | None:
        (inputs, kept, *tensors), (grid, truncation) = done.memory, done.shared
        by_inputs = torch.empty_like(inputs) if needs_input_gradient else None
        gradients = outer.new_empty(*grid, self.layout.weights)
        sizes = [needs_input_gradient, *inputs.shape[1:3], truncation]
        memory = [inputs, outer, kept, inputs if by_inputs is None else by_inputs, gradients]
        with torch.cuda.device_of(inputs):
            self.kernels["backward"][grid](*sizes, *memory, *with_strides(tensors), num_warps=self.warps)
        total = gradients[:, 0]
        for group in range(1, grid[1]):  # one after the other: a sum over an axis may have an order of its own
            total = total + gradients[:, group]
        for (start, size), place in zip(self.layout.tensors, by_weights, strict=True):
            place.copy_(total[:, start : start + size].view_as(place))
        return by_inputs


def with_strides(tensors: Sequence[Tensor]) -> list[Tensor | int]:
    """Every tensor, and the distance between its seeds."""
    return [part for tensor in tensors for part in (tensor, tensor.stride(0))]
