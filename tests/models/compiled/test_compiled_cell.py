"""Machine code computes what a cell's equations state: outputs, gradients, padding in groups and lanes, truncation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from seqprobe.models import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.compiled.compiled_cell import GROUP, CompiledCell, run_forward

CELLS = [RNN, ReLURNN, LSTM, GRU, PeepholeLSTM, GravesLSTM]


class Everything(Cell):
    """A user's cell with most of what can be traced, and a product of a value that is no state."""

    gates: ClassVar = ("one", "two", "three")
    states: ClassVar = ("hidden", "memory")

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.mix = nn.Parameter(torch.empty(2 * hidden_size, hidden_size))
        self.scale = nn.Parameter(torch.empty(hidden_size))

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        hidden, memory = states
        one = torch.sigmoid(blocks[0]) / (1 + (-blocks[1]).exp()) - 0.5 * hidden**2
        left, right = (self.mix @ one).split(self.hidden_size, 1)
        memory = torch.lerp(memory, left.tanh(), 0.3) + self.scale.unsqueeze(-1) * blocks[1].relu()
        return {"memory": memory, "hidden": (1 - one) * right.sigmoid() + blocks[2] * memory.tanh() * 0.1}


class MinimalGRU(Cell):
    """Without recurrent weights."""

    gates: ClassVar = ("update_gate", "candidate")
    recurrent = False

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": torch.lerp(states[0], blocks[1], blocks[0].sigmoid())}


def drawn(kind: type[Cell], seeds: int, dtype: torch.dtype, units: int = 3) -> Cell:
    """A cell of 2 inputs with random weights of so many seeds."""
    cell, generator = kind(2, units), torch.Generator().manual_seed(3)
    for parameter in cell.parameters():
        weights = torch.randn(seeds, *parameter.shape, generator=generator) / (1 + units) ** 0.5
        parameter.data = weights.to(dtype)
    return cell


def gradients(cell: Cell, inputs: Tensor, outputs: Tensor) -> list[Tensor]:
    weights = torch.linspace(-1, 1, outputs.numel(), dtype=outputs.dtype).view_as(outputs)
    return list(torch.autograd.grad((outputs * weights).square().sum(), [inputs, *cell.parameters()]))


def check(cell: Cell, shape: tuple[int, ...], tolerance: float, truncation: int | None = None) -> None:
    """Compare outputs and gradients with those of the plain loop."""
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(cell.bias.dtype).requires_grad_()
    cell.truncation = truncation
    compiled, plain = CompiledCell(cell)(cell, inputs), cell.loop(inputs, truncation)
    torch.testing.assert_close(compiled, plain, rtol=tolerance, atol=tolerance)
    for one, other in zip(gradients(cell, inputs, compiled), gradients(cell, inputs, plain), strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance * float(other.abs().max()))


@pytest.mark.parametrize("kind", [*CELLS, Everything, MinimalGRU])
def test_it_equals_the_plain_loop(kind: type[Cell]) -> None:
    """Nine seeds are a block of lanes and one more; seven sequences are no whole number of groups."""
    check(drawn(kind, 9, torch.float64), (9, GROUP + 3, 19, 2), 1e-11)
    check(drawn(kind, 1, torch.float64), (1, GROUP, 5, 2), 1e-11, truncation=2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*CELLS, Everything, MinimalGRU])
@pytest.mark.parametrize("units", [1, 4, 26, 33])
def test_it_equals_the_plain_loop_in_single_precision(kind: type[Cell], units: int) -> None:
    check(drawn(kind, 17, torch.float32, units), (17, 5, 9, 2), 2e-5)


def test_one_sequence_has_code_of_its_own() -> None:
    cell = drawn(LSTM, 3, torch.float32)
    compiled = CompiledCell(cell)
    check(cell, (3, 1, 40, 2), 1e-5)
    assert compiled.loaded(1, torch.float32)[0].group == 1
    assert compiled.loaded(2, torch.float32)[0].group == GROUP


def test_lanes_never_mix() -> None:
    """A seed's outputs and gradients are equal to the bit beside others, and if one of these is not finite."""
    cell = drawn(LSTM, 17, torch.float32)
    inputs = torch.randn(17, 5, 6, 2, generator=torch.Generator().manual_seed(1))
    spoiled = inputs.clone()
    spoiled[3, 1, 2] = torch.nan

    def results(seeds: Any, inputs: Tensor) -> list[Tensor]:
        part = LSTM(2, 3)
        for name, weights in cell.named_parameters():
            part.get_parameter(name).data = weights.detach()[seeds].clone()
        own = inputs[seeds].requires_grad_()
        outputs = CompiledCell(part)(part, own)
        return [outputs, *gradients_by_seed(part, own, outputs)]

    whole, beside_nan = results(range(17), inputs), results(range(17), spoiled)
    for seeds in ([0], [16], [4, 16], [5, 2, 9, 11, 0]):
        for one, all_seeds, other in zip(results(seeds, inputs), whole, beside_nan, strict=True):
            assert torch.equal(one, all_seeds[seeds])
            assert torch.equal(one, other[seeds])
    assert beside_nan[0][3, 1, 2:].isnan().all()
    assert not beside_nan[0][3, 0].isnan().any()


def gradients_by_seed(cell: Cell, inputs: Tensor, outputs: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(outputs.square().sum(), [inputs, *cell.parameters()]))


def test_without_gradients_nothing_is_kept_and_batches_of_any_size_give_the_same() -> None:
    cell = drawn(GRU, 9, torch.float64)
    inputs, compiled = torch.ones(9, 7, 19, 2, dtype=torch.float64), CompiledCell(cell)
    with torch.no_grad():
        plain = compiled(cell, inputs)
        alone = compiled(cell, inputs[:, 6:])
    assert torch.equal(plain, compiled(cell, inputs).detach())
    assert torch.equal(plain[:, 6:], alone)
    kept, reused = (
        run_forward(*compiled.loaded(7, inputs.dtype), 99, inputs, cell.maps(), is_kept).memory[0].numel()
        for is_kept in (True, False)
    )
    assert kept == 2 * 2 * reused  # two blocks of seeds, two groups of sequences
