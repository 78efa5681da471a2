"""A network that takes and gives the units of its data, and computes with normalised numbers inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import Batch, mask_padding
from seqprobe.scaling import Scaling


class Normalised(nn.Module):
    """A network between two linear maps: inputs are normalised before it, outputs get their units after it.

    The maps are buffers, so that a member's saved weights bring them along. Its other attributes are the network's.

    Args:
        network: takes normalised inputs.
        input_size, output_size: the task's.
    """

    member_buffers = ("input_mean", "input_deviation", "output_mean", "output_deviation")
    """Buffers that differ between members: in a stacked population they have a seeds axis, as weights have."""
    input_mean: Tensor
    input_deviation: Tensor
    output_mean: Tensor
    output_deviation: Tensor

    def __init__(self, network: nn.Module, input_size: int, output_size: int) -> None:
        super().__init__()
        self.network: Any = network
        for name, size in (("input", input_size), ("output", output_size)):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_deviation", torch.ones(size))

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "network":
                raise
            return getattr(self.network, name)

    def set_scaling(self, scaling: Scaling) -> None:
        """Normalise as a member's training set has it."""
        for name, value in scaling.tensors.items():
            getattr(self, name).copy_(value)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Outputs for right-padded sequences, as the network gives them but in the units of the targets."""
        outputs = self.with_units(self.network(self.normalised_inputs(inputs, lengths), lengths))
        return mask_padding(outputs, lengths) if outputs.dim() == inputs.dim() else outputs

    def normalised_inputs(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Inputs as the network takes them, with zeros in the padding."""
        normalised = (inputs - beside(self.input_mean, inputs)) / beside(self.input_deviation, inputs)
        return mask_padding(normalised, lengths)

    def with_units(self, outputs: Tensor) -> Tensor:
        """The network's outputs in the units of the targets; what is padding does not stay zero."""
        return outputs * beside(self.output_deviation, outputs) + beside(self.output_mean, outputs)

    @property
    def trace(self) -> Callable[[Tensor, Tensor], dict[str, Tensor]]:
        """The network's trace, if it has one, for inputs in their units."""
        trace = self.network.trace
        return lambda inputs, lengths: trace(self.normalised_inputs(inputs, lengths), lengths)

    def without_units(self, values: Tensor) -> Tensor:
        """Outputs or targets with a seeds axis, normalised as a loss compares them; classes as they are."""
        if not values.is_floating_point():
            return values
        scales = (self.output_mean, self.output_deviation)
        mean, deviation = (scale[: len(values)] if scale.dim() > 1 else scale for scale in scales)
        return (values - beside(mean, values)) / beside(deviation, values)


def normalised_network(build: Callable[[], nn.Module], sizes: Mapping[str, Any]) -> Normalised:
    """The network that a saved member is loaded into.

    Args:
        build: makes the network inside.
        sizes: the task's.
    """
    return Normalised(build(), sizes["input_size"], sizes["output_size"])


def beside(scale: Tensor, values: Tensor) -> Tensor:
    """A scale ``(features,)`` or ``(seeds, features)`` with axes for the batch and steps of ``values``."""
    between = values.dim() - scale.dim()
    return scale.view(*scale.shape[:-1], *[1] * between, scale.shape[-1])


def without_units(network: nn.Module, outputs: Tensor, batch: Batch) -> tuple[Tensor, Batch]:
    """A part's outputs and targets as the training's loss compares them."""
    if not isinstance(network, Normalised):
        return outputs, batch
    targets = network.without_units(batch.targets)
    return outputs if targets is batch.targets else network.without_units(outputs), replace(batch, targets=targets)
