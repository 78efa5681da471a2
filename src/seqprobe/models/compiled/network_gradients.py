"""Backpropagation through a network of compiled layers, written out.

Autograd takes longer for the few operations around small layers than these layers take themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import has_no_padding, last_step, mask_padding, put_at_last_step
from seqprobe.models.cells.cell import Cell
from seqprobe.models.recurrent import DenseReadout, RecurrentNetwork


def is_written_out(network: nn.Module) -> bool:
    """Whether `network_gradients` computes what a network of compiled layers computes in training."""
    return type(network) is RecurrentNetwork and not network.dropout


def network_gradients(
    network: Any,
    inputs: Tensor,
    lengths: Tensor,
    with_gradient: Callable[[Tensor], tuple[Tensor, Tensor]],
    memory: Mapping[nn.Parameter, Tensor],
) -> Tensor:
    """The losses of a network whose weights have a seeds axis.

    Args:
        network: a `RecurrentNetwork` that `is_written_out`.
        inputs, lengths: as `RecurrentNetwork.forward` takes them.
        with_gradient: the losses for the network's outputs, and the gradient of their sum by these.
        memory: by parameter, where the gradient of the sum of losses is written; in its shape.
    """
    layers, readout = [LayerPasses(cell) for cell in network.layers], network.readout
    known = None if has_no_padding(lengths, inputs.shape[-2]) else lengths
    reads_last, gradients = network.kind == "seq2vec", GradientSums(memory)
    with torch.no_grad():
        hidden = mask_padding(inputs, known)
        for layer in layers:
            hidden = layer.forward(hidden)
        read = last_step(hidden, known) if reads_last else hidden
        outputs = readout(read)
        losses, gradient = with_gradient(outputs if reads_last else mask_padding(outputs, known))
        if not reads_last:
            gradient = mask_padding(gradient, known)
        if isinstance(readout, DenseReadout):
            rows, read_rows = gradient.flatten(1, -2), read.flatten(1, -2)
            gradients.add(readout.weight, torch.bmm(read_rows.mT, rows).mT)
            gradients.add(readout.bias, rows.sum(1))
            gradient = torch.bmm(rows, readout.weight).view_as(read)
        if reads_last:
            gradient = put_at_last_step(gradient, known, torch.zeros_like(hidden))
        for layer in reversed(layers):
            gradient = layer.backward(gradient, gradients, needs_input_gradient=layer is not layers[0])
        gradients.finish()
    return losses


class GradientSums:
    """Gradients by parameters, added up in memory that is there for them."""

    def __init__(self, memory: Mapping[nn.Parameter, Tensor]) -> None:
        self.memory = dict[Tensor, Tensor](memory.items())
        self.free = dict(self.memory)

    def place(self, tensor: Tensor) -> Tensor:
        """Memory for a gradient that is then added: the parameter's own, if it is still free."""
        place = self.free.pop(tensor, None)
        return tensor.new_empty(tensor.shape) if place is None else place

    def add(self, tensor: Tensor, gradient: Tensor) -> None:
        """Add to a parameter's gradient; other tensors need none."""
        if tensor in self.free:
            self.free.pop(tensor).copy_(gradient)
        elif tensor in self.memory and gradient is not self.memory[tensor]:
            self.memory[tensor].add_(gradient)

    def finish(self) -> None:
        """Write zeros for parameters that the losses do not depend on."""
        for place in self.free.values():
            place.zero_()


class LayerPasses:
    """The forward pass of one layer, and the backward pass that follows it."""

    def __init__(self, cell: Cell) -> None:
        assert cell.compiled is not None
        self.cell, self.compiled = cell, cell.compiled
        self.tensors = self.compiled.tensors(cell)

    def forward(self, inputs: Tensor) -> Tensor:
        """The layer's output at every step."""
        self.passes = self.compiled.passes(inputs.device.type, inputs.shape[1], inputs.dtype)
        self.done = self.passes.forward(self.cell.truncation, inputs, self.tensors, is_kept=True)
        return self.done.outputs

    def backward(self, gradient: Tensor, gradients: GradientSums, needs_input_gradient: bool) -> Tensor:
        """Add the gradients by the cell's parameters to ``gradients``; the one by the inputs, if it is needed."""
        places = [gradients.place(tensor) for tensor in self.tensors]
        by_inputs = self.passes.backward(self.done, gradient.contiguous(), places, needs_input_gradient)
        computed = [pair for pair in zip(self.tensors, places, strict=True) if not pair[0].is_leaf]
        for tensor, by_tensor in zip(self.tensors, places, strict=True):
            gradients.add(tensor, by_tensor)
        if computed:
            parameters = [parameter for parameter in self.cell.parameters() if parameter.requires_grad]
            tensors, outer = zip(*computed, strict=True)
            found = torch.autograd.grad(tensors, parameters, outer, allow_unused=True)
            for parameter, by_parameter in zip(parameters, found, strict=True):
                if by_parameter is not None:
                    gradients.add(parameter, by_parameter)
        return gradient if by_inputs is None else by_inputs
