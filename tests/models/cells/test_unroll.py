"""Backpropagation through time written out gives the gradients of the plain loop, or is not used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from seqprobe.models import Cell
from seqprobe.models.cells import unroll
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN


class Mixing(Cell):
    """A step whose units depend on each other."""

    gates = ("candidate",)

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": blocks[0].softmax(-2)}


class OwnWeight(Cell):
    """A step with a trained number of its own."""

    gates = ("candidate",)

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.leak = nn.Parameter(torch.empty(1))

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": torch.lerp(states[0], blocks[0].tanh(), self.leak)}


class Leaky(Cell):
    """A user's elementwise cell."""

    gates = ("candidate",)

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": torch.lerp(states[0], blocks[0].tanh(), 0.1)}


def drawn(cell: Cell, seeds: int) -> Cell:
    """The cell in float64 with random weights, with a seeds axis unless ``seeds`` is 0."""
    generator = torch.Generator().manual_seed(3)
    for parameter in cell.parameters():
        shape = (seeds, *parameter.shape) if seeds else parameter.shape
        parameter.data = 0.5 * torch.randn(shape, generator=generator, dtype=torch.float64)
    return cell


def gradients(cell: Cell, inputs: Tensor, method: str) -> list[Tensor]:
    weights = torch.linspace(-1, 1, cell.hidden_size, dtype=torch.float64)
    loss = (getattr(cell, method)(inputs) * weights).square().sum()
    return list(torch.autograd.grad(loss, [inputs, *cell.parameters()], materialize_grads=True))


@pytest.mark.parametrize("block", [1, 150, unroll.CPU_LIMITS.block])
@pytest.mark.parametrize("seeds", [0, 1, 3])
@pytest.mark.parametrize("kind", [RNN, ReLURNN, LSTM, GRU, Leaky])
def test_it_equals_the_plain_loop(kind: type[Cell], seeds: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unroll, "CPU_LIMITS", unroll.Limits(64, block))
    cell = drawn(kind(2, 5), seeds)
    shape = (seeds, 4, 23, 2) if seeds else (4, 23, 2)
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()
    torch.testing.assert_close(cell.fast(inputs), cell.loop(inputs), rtol=0, atol=1e-12)
    for fast, plain in zip(gradients(cell, inputs, "fast"), gradients(cell, inputs, "loop"), strict=True):
        torch.testing.assert_close(fast, plain, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "theirs"), [(RNN, nn.RNN), (ReLURNN, partial(nn.RNN, nonlinearity="relu")), (GRU, nn.GRU)]
)
def test_long_sequences_equal_torch(kind: type[Cell], theirs: Callable[..., nn.Module]) -> None:
    cell, library = drawn(kind(2, 5), 0), theirs(2, 5, batch_first=True).double()
    library.weight_ih_l0.data, library.weight_hh_l0.data = cell.input_weight.data, cell.recurrent_weight.data
    library.bias_ih_l0.data, library.bias_hh_l0.data = cell.bias.data, torch.zeros_like(cell.bias)
    if isinstance(cell, GRU):
        library.bias_hh_l0.data[10:] = cell.candidate_bias.data
    inputs = torch.randn(3, 40, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    torch.testing.assert_close(cell(inputs), library(inputs)[0], rtol=0, atol=1e-12)
    assert cell._elementwise is True
    (mine,) = torch.autograd.grad(cell(inputs).square().sum(), inputs)
    (other,) = torch.autograd.grad(library(inputs)[0].square().sum(), inputs)
    torch.testing.assert_close(mine, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (RNN, True),
        (ReLURNN, True),
        (LSTM, True),
        (GRU, True),
        (Leaky, True),
        (GravesLSTM, False),
        (PeepholeLSTM, False),
        (Mixing, False),
        (OwnWeight, False),
    ],
)
def test_a_step_that_is_not_elementwise_is_found_out(kind: type[Cell], expected: bool) -> None:
    for seeds in (0, 3):
        assert unroll.is_elementwise(drawn(kind(2, 5), seeds)) is expected


@pytest.mark.parametrize("kind", [Mixing, GravesLSTM, PeepholeLSTM])
def test_a_step_that_is_not_elementwise_trains_by_the_plain_loop(kind: type[Cell]) -> None:
    cell = drawn(kind(2, 5), 2)
    inputs = torch.randn(2, 3, 20, 2, dtype=torch.float64).requires_grad_()
    for used, plain in zip(gradients(cell, inputs, "__call__"), gradients(cell, inputs, "loop"), strict=True):
        assert torch.equal(used, plain)


def test_it_is_used_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    monkeypatch.setattr(Leaky, "fast", lambda self, inputs: used.append(inputs.shape[-2]) or self.loop(inputs))
    cell = drawn(Leaky(1, 4), 0)
    cell._elementwise = True
    most = unroll.CPU_LIMITS.largest_state // 4
    for batch, time in [(2, unroll.SHORTEST - 1), (2, unroll.SHORTEST), (most, 20), (most + 1, 21)]:
        cell(torch.zeros(batch, time, 1, dtype=torch.float64).requires_grad_())
    assert used == [unroll.SHORTEST, 20]
