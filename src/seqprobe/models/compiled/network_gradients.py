"""Backpropagation through a network of compiled layers, written out.

Autograd takes longer for the few operations around small layers than these layers take themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import compress
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import has_no_padding, last_step, mask_padding, put_at_last_step
from seqprobe.models.cells.cell import Cell
from seqprobe.models.recurrent import DenseReadout, RecurrentNetwork

Gradients = dict[Tensor, Tensor]
"""By parameter."""


def is_written_out(network: nn.Module) -> bool:
    """Whether `network_gradients` computes what a network of compiled layers computes in training."""
    return type(network) is RecurrentNetwork and not network.dropout


def network_gradients(
    network: Any,
    inputs: Tensor,
    lengths: Tensor,
    with_gradient: Callable[[Tensor], tuple[Tensor, Tensor]],
) -> tuple[Tensor, Gradients]:
    """The losses of a network whose weights have a seeds axis, and the gradients of their sum by its parameters.

    Args:
        network: a `RecurrentNetwork` that `is_written_out`.
        inputs, lengths: as `RecurrentNetwork.forward` takes them.
        with_gradient: the losses for the network's outputs, and the gradient of their sum by these.
    """
    layers, readout = [LayerPasses(cell) for cell in network.layers], network.readout
    known = None if has_no_padding(lengths, inputs.shape[-2]) else lengths
    reads_last, gradients = network.kind == "seq2vec", Gradients()
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
            gradients |= {readout.weight: torch.bmm(read_rows.mT, rows).mT, readout.bias: rows.sum(1)}
            gradient = torch.bmm(rows, readout.weight).view_as(read)
        if reads_last:
            gradient = put_at_last_step(gradient, known, torch.zeros_like(hidden))
        for layer in reversed(layers):
            gradient = layer.backward(gradient, gradients, needs_input_gradient=layer is not layers[0])
    return losses, gradients


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

    def backward(self, gradient: Tensor, gradients: Gradients, needs_input_gradient: bool) -> Tensor:
        """Add the gradients by the cell's parameters to ``gradients``; the one by the inputs, if it is needed."""
        by_inputs, by_tensors = self.passes.backward(self.done, gradient.contiguous(), needs_input_gradient)
        is_parameter = [tensor.is_leaf for tensor in self.tensors]
        add(gradients, zip(compress(self.tensors, is_parameter), compress(by_tensors, is_parameter), strict=True))
        if not all(is_parameter):
            is_computed = [not given for given in is_parameter]
            parameters = [parameter for parameter in self.cell.parameters() if parameter.requires_grad]
            outer = list(compress(by_tensors, is_computed))
            found = torch.autograd.grad(list(compress(self.tensors, is_computed)), parameters, outer, allow_unused=True)
            add(gradients, ((one, by) for one, by in zip(parameters, found, strict=True) if by is not None))
        return gradient if by_inputs is None else by_inputs


def add(gradients: Gradients, further: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Add further gradients by parameters."""
    for parameter, gradient in further:
        gradients[parameter] = gradients[parameter] + gradient if parameter in gradients else gradient
