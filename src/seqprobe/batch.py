"""The one definition of what a batch, a length and padding are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor


def length_mask(lengths: Tensor, time: int) -> Tensor:
    """Mark the true steps of right-padded sequences: ``(..., batch)`` lengths to ``(..., batch, time)`` booleans."""
    return torch.arange(time, device=lengths.device) < lengths.unsqueeze(-1)


def has_no_padding(lengths: Tensor, time: int) -> bool:
    """Whether it is known, without waiting for a device, that no sequence has padding and masking can be skipped.

    Always False for lengths on another device than the CPU: reading them would wait for all its pending work. Where a
    function takes None for lengths, it is known already.
    """
    return lengths.device.type == "cpu" and bool((lengths == time).all())


def mask_padding(values: Tensor, lengths: Tensor | None) -> Tensor:
    """``(..., batch, time, features)`` with zeros in the padding."""
    time = values.shape[-2]
    if lengths is None or has_no_padding(lengths, time):
        return values
    return values.masked_fill(~length_mask(lengths, time).unsqueeze(-1), 0)


def last_step(values: Tensor, lengths: Tensor | None) -> Tensor:
    """Pick each sequence's true last step: ``(..., batch, time, features)`` to ``(..., batch, features)``."""
    if lengths is None or has_no_padding(lengths, values.shape[-2]):
        # Contiguous like the result of gather below: matrix products round differently for other memory layouts.
        return values.select(-2, -1).contiguous()
    return values.gather(-2, last_index(lengths, values.shape[-1])).squeeze(-2)


def put_at_last_step(values: Tensor, lengths: Tensor | None, steps: Tensor) -> Tensor:
    """Write ``values (..., batch, features)`` to where `last_step` reads in ``steps (..., batch, time, features)``."""
    if lengths is None or has_no_padding(lengths, steps.shape[-2]):
        steps.select(-2, -1).copy_(values)
        return steps
    return steps.scatter_(-2, last_index(lengths, values.shape[-1]), values.unsqueeze(-2))


def last_index(lengths: Tensor, features: int) -> Tensor:
    """The index of each sequence's true last step, ``(..., batch, 1, features)``."""
    return (lengths - 1)[..., None, None].expand(*lengths.shape, 1, features)


def is_repeated(values: Tensor) -> bool:
    """Whether all entries along the first axis are one in memory, as `Batch.repeat` makes them."""
    return values.dim() > 0 and len(values) > 1 and values.stride(0) == 0


def place(values: Tensor, device: torch.device | str, dtype: torch.dtype | None = None) -> Tensor:
    """Copy to a device, floating-point numbers also to ``dtype``, converted on the CPU: some GPUs have no float64.

    What is repeated along its first axis is copied once.
    """
    if is_repeated(values):
        return place(values[:1], device, dtype).expand_as(values)
    if dtype is None or not values.is_floating_point():
        return values.to(device)
    return values.to(device).to(dtype) if torch.device(device).type == "cpu" else values.to(dtype).to(device)


@dataclass(frozen=True)
class Batch:
    """Right-padded sequences with their targets; every tensor may carry a leading ``seeds`` axis.

    Attributes:
        inputs: ``(..., batch, time, input_size)``.
        targets: seq2seq ``(..., batch, time, output_size)``, or integer classes ``(..., batch, time)``;
            seq2vec ``(..., batch, output_size)``, or integer classes ``(..., batch)``.
        lengths: ``(..., batch)`` integers in 1 … time; steps from ``length`` on are padding and never count.
    """

    inputs: Tensor
    targets: Tensor
    lengths: Tensor

    @property
    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs, targets and lengths."""
        return self.inputs, self.targets, self.lengths

    @property
    def mask(self) -> Tensor:
        """``(..., batch, time)`` booleans, true where a step is not padding."""
        return length_mask(self.lengths, self.inputs.shape[-2])

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> Batch:
        """Copy to a device; floating-point tensors also to ``dtype``."""
        return Batch(*(place(part, device, dtype) for part in self.tensors))

    def gather(self, indices: Tensor) -> Batch:
        """Draw minibatches per member: ``(..., seeds, batch)`` indices into the batch axis of stacked data."""
        seeds, size = self.lengths.shape
        if is_repeated(self.lengths):
            return Batch(
                *(part[0].index_select(0, indices.flatten()).unflatten(0, indices.shape) for part in self.tensors)
            )
        rows = (indices + size * torch.arange(seeds, device=indices.device).unsqueeze(1)).flatten()
        selected = (tensor.flatten(0, 1).index_select(0, rows) for tensor in self.tensors)
        return Batch(*(tensor.unflatten(0, indices.shape) for tensor in selected))

    def member(self, index: int) -> Batch:
        """The data of one member of stacked data, without the seeds axis."""
        return Batch(self.inputs[index], self.targets[index], self.lengths[index])

    def members(self, which: slice) -> Batch:
        """The stacked data of neighbouring members."""
        return Batch(self.inputs[which], self.targets[which], self.lengths[which])

    def unbind(self) -> Iterator[Batch]:
        """The batches along a leading axis."""
        return (Batch(*parts) for parts in zip(*(part.unbind() for part in self.tensors), strict=True))

    def head(self, count: int) -> Batch:
        """The first ``count`` sequences of data without a seeds axis."""
        return Batch(self.inputs[:count], self.targets[:count], self.lengths[:count])

    def repeat(self, seeds: int) -> Batch:
        """The same sequences for each of ``seeds`` members, without copying them."""
        return Batch(*(part.expand(seeds, *part.shape) for part in self.tensors))

    def pad(self, time: int) -> Batch:
        """Append zero steps until the time axis is ``time`` long; losses and outputs stay the same."""
        extra = time - self.inputs.shape[-2]
        inputs = torch.nn.functional.pad(self.inputs, (0, 0, 0, extra))
        feature_axes = self.targets.dim() - self.lengths.dim()  # 0 or 1 for seq2vec, else time and features
        if self.targets.is_floating_point() and feature_axes == 2:
            return replace(self, inputs=inputs, targets=torch.nn.functional.pad(self.targets, (0, 0, 0, extra)))
        if not self.targets.is_floating_point() and feature_axes == 1:
            return replace(self, inputs=inputs, targets=torch.nn.functional.pad(self.targets, (0, extra)))
        return replace(self, inputs=inputs)


def stack_batches(batches: Sequence[Batch]) -> Batch:
    """Join batches of one shape along a new leading axis."""
    return Batch(*(torch.stack(parts) for parts in zip(*(batch.tensors for batch in batches), strict=True)))


def join_members(batches: Iterable[Batch], count: int) -> Batch:
    """Join batches of one shape, of ``count`` members, along a leading seeds axis, holding one besides the result."""
    joined: Batch | None = None
    for index, batch in enumerate(batches):
        if joined is None:
            joined = empty_batch(batch, count)
        for target, source in zip(joined.tensors, batch.tensors, strict=True):
            target[index] = source
    assert joined is not None
    return joined


def empty_batch(like: Batch, seeds: int) -> Batch:
    """Allocate a batch, not initialised, of ``like``'s shapes for each of ``seeds`` members."""
    return Batch(*(part.new_empty(seeds, *part.shape) for part in like.tensors))
