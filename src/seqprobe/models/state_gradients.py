"""How the loss of a sequence depends on the states that lead to it: gradients that training has to carry back."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seqprobe.batch import last_step, mask_padding
from seqprobe.models.cells.cell import Cell
from seqprobe.models.cells.unroll import initial_state
from seqprobe.models.recurrent import RecurrentNetwork


def has_state_gradients(network: nn.Module) -> bool:
    """Whether a network is one whose state at every step decides all that follows: recurrent, in one direction."""
    return isinstance(network, RecurrentNetwork) and type(network).forward is RecurrentNetwork.forward


def state_gradient_norms(
    network: RecurrentNetwork, inputs: Tensor, lengths: Tensor, loss: Callable[[Tensor], Tensor]
) -> Tensor:
    """The norm of the gradient of each sequence's loss by the last layer's state after each step.

    The state is all that the cell carries to the next step: hidden state and cell state of an LSTM, as one vector.

    Args:
        inputs, lengths: as `RecurrentNetwork.forward` takes them.
        loss: the losses of all sequences for the network's outputs, in any shape; those of one sequence depend on its
            outputs alone.

    Returns:
        ``(..., batch, time)``.
    """
    with torch.enable_grad():
        hidden = mask_padding(inputs, lengths)
        *before, last = network.layers
        for layer in before:
            hidden = layer.loop(hidden)
        hidden, carried = unroll_states(last, hidden)
        outputs = network.readout(last_step(hidden, lengths) if network.kind == "seq2vec" else hidden)
        flat = [state for states in carried for state in states]
        gradients = torch.autograd.grad(loss(outputs).sum(), flat, materialize_grads=True)
    count = len(last.states)
    # (time, states, seeds, hidden, batch): the norm over states and units
    norms = torch.stack(gradients).unflatten(0, (-1, count)).square().sum((1, 3)).sqrt()
    by_batch = norms.permute(1, 2, 0)
    return by_batch if last.input_weight.dim() == 3 else by_batch.squeeze(0)


def unroll_states(cell: Cell, inputs: Tensor) -> tuple[Tensor, list[list[Tensor]]]:
    """The cell's output at every step, ``(..., batch, time, hidden)``, and the states that it carries from each.

    What is carried is a copy, so that a gradient by it counts its use in later steps alone, and the gradient by a cell
    state does not count its way through the hidden state of the same step, which is carried beside it. The last step's
    hidden state is the output itself.
    """
    projected, recurrent = cell.project(inputs)
    states = [initial_state(projected, cell.hidden_size)] * len(cell.states)
    carried, hidden = [], []
    for step, at_step in enumerate(projected.unbind()):
        if step and recurrent is not None:
            at_step = torch.baddbmm(at_step, recurrent, states[0])
        values = cell.step(at_step.split(cell.hidden_size, 1), *states)
        states = [values[name].clone() for name in cell.states]
        carried.append(states)
        hidden.append(states[0])
    stacked = torch.stack(hidden).permute(1, 3, 0, 2)
    return stacked if cell.input_weight.dim() == 3 else stacked.squeeze(0), carried
