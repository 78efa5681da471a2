"""Gradients by states, beside those of a loop that starts at the state itself."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import build_population
from seqprobe.models.population import Population

SEEDS, SIZE, TIME, CLASSES = 2, 3, 5, 4
SOURCE = torch.Generator().manual_seed(0)
BATCH = Batch(
    torch.randn(SEEDS, SIZE, TIME, 2, generator=SOURCE, dtype=torch.float64),
    torch.randint(CLASSES, (SEEDS, SIZE), generator=SOURCE),
    torch.full((SEEDS, SIZE), TIME),
)


def squared(outputs: Tensor, batch: Batch) -> Tensor:
    """A loss of each sequence."""
    return (outputs - batch.targets.unsqueeze(-1)).square()


def population(cell: type, engine: str) -> Population:
    network = partial(RecurrentNetwork, 2, CLASSES, "seq2vec", TIME, cell, hidden_size=3)
    return build_population(network, range(SEEDS), engine).double()


def norms_from_the_state(network: RecurrentNetwork, batch: Batch, start: int) -> Tensor:
    """One member's gradient norm by the state after ``start`` + 1 steps, where the rest of the loop begins."""
    layer = network.layers[0]
    projected, recurrent = layer.project(batch.inputs)
    states = [projected.new_zeros(1, 3, SIZE) for _ in layer.states]
    for step, at_step in enumerate(projected.unbind()):
        blocks = (at_step + recurrent @ states[0]).split(3, 1)
        states = [layer.step(blocks, *states)[name] for name in layer.states]
        if step == start:
            leaves = states = [state.detach().requires_grad_() for state in states]
    loss = squared(network.readout(states[0][0].T), batch).sum()
    gradients = torch.autograd.grad(loss, leaves, materialize_grads=True)
    return torch.cat([gradient[0] for gradient in gradients]).norm(dim=0)


@pytest.mark.parametrize("engine", ["stacked", "looped"])
@pytest.mark.parametrize("cell", [RNN, GRU, LSTM, GravesLSTM])
def test_norms_are_those_of_a_loop_that_starts_at_the_state(cell: type, engine: str) -> None:
    norms = population(cell, engine).state_gradient_norms(BATCH, squared)
    assert norms.shape == (SEEDS, SIZE, TIME)
    members = population(cell, "looped").networks
    for member, (network, batch) in enumerate(zip(members, BATCH.unbind(), strict=True)):
        for step in range(TIME):
            torch.testing.assert_close(norms[member, :, step], norms_from_the_state(network, batch, step))
