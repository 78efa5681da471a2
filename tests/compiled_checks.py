"""What compiled code has to give on any device: the plain loop's outputs and gradients, and members like solo runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.learning.plan import group_data
from seqprobe.models import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.compiled.compiled_cell import CompiledCell


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


class Swapping(Cell):
    """States that change places, and reciprocals that are infinite where there are no units."""

    gates: ClassVar = ("one",)
    states: ClassVar = ("hidden", "other")

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.scale = nn.Parameter(torch.empty(hidden_size))

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        hidden, other = states
        return {"hidden": other, "other": (blocks[0] + 0.3 * hidden).tanh() / (1 + self.scale.unsqueeze(-1).square())}


CELLS = [RNN, ReLURNN, LSTM, GRU, PeepholeLSTM, GravesLSTM, Everything, MinimalGRU, Swapping]


def drawn(kind: type[Cell], seeds: int, dtype: torch.dtype, units: int = 3, device: str = "cpu") -> Cell:
    """A cell of 2 inputs with random weights of so many seeds."""
    cell, generator = kind(2, units), torch.Generator().manual_seed(3)
    for parameter in cell.parameters():
        weights = torch.randn(seeds, *parameter.shape, generator=generator) / (1 + units) ** 0.5
        parameter.data = weights.to(device, dtype)
    return cell


def gradients(cell: Cell, inputs: Tensor, outputs: Tensor) -> list[Tensor]:
    weights = torch.linspace(-1, 1, outputs.numel()).to(outputs).view_as(outputs)
    return list(torch.autograd.grad((outputs * weights).square().sum(), [inputs, *cell.parameters()]))


def check(cell: Cell, shape: tuple[int, ...], tolerance: float, truncation: int | None = None) -> None:
    """Compare outputs and gradients with those of the plain loop."""
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(1)).to(cell.bias).requires_grad_()
    cell.truncation = truncation
    compiled, plain = CompiledCell(cell)(cell, inputs), cell.loop(inputs, truncation)
    torch.testing.assert_close(compiled, plain, rtol=tolerance, atol=tolerance)
    for one, other in zip(gradients(cell, inputs, compiled), gradients(cell, inputs, plain), strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance * float(other.abs().max()))


def check_members(
    seeds: int, groups: Sequence[Sequence[int]], device: str = "cpu", units: int = 3, kind: type[Cell] = LSTM
) -> None:
    """Members are equal to the bit in any population, also beside one that is not finite."""
    cell, spoiled_seed = drawn(kind, seeds, torch.float32, units, device), 3
    inputs = torch.randn(seeds, 5, 6, 2, generator=torch.Generator().manual_seed(1)).to(device)
    spoiled = inputs.clone()
    spoiled[spoiled_seed, 1, 2] = torch.nan

    def results(members: Any, inputs: Tensor) -> list[Tensor]:
        part = kind(2, units)
        for name, weights in cell.named_parameters():
            part.get_parameter(name).data = weights.detach()[members].clone()
        own = inputs[members].requires_grad_()
        outputs = CompiledCell(part)(part, own)
        return [outputs, *torch.autograd.grad(outputs.square().sum(), [own, *part.parameters()])]

    whole, beside_nan = results(range(seeds), inputs), results(range(seeds), spoiled)
    for members in groups:
        for one, all_seeds, other in zip(results(members, inputs), whole, beside_nan, strict=True):
            assert torch.equal(one, all_seeds[members])
            assert torch.equal(one, other[members])
    assert beside_nan[0][spoiled_seed, 1, 2:].isnan().all()
    assert not beside_nan[0][spoiled_seed, 0].isnan().any()


def check_validation(dtype: torch.dtype, device: str = "cpu", seeds: int = 9, time: int = 19) -> None:
    """Without gradients, a sequence gives the same in batches of any size, and what it gives with them."""
    cell = drawn(GRU, seeds, dtype, device=device)
    inputs, compiled = torch.ones(seeds, 7, time, 2, dtype=dtype, device=device), CompiledCell(cell)
    with torch.no_grad():
        plain = compiled(cell, inputs)
        alone = compiled(cell, inputs[:, 6:])
    torch.testing.assert_close(plain, compiled(cell, inputs).detach(), rtol=1e-6, atol=1e-7)
    assert torch.equal(plain[:, 6:], alone)


def check_lengths(device: str = "cpu", *overrides: str) -> None:
    """Two layers read sequences of all lengths at their true last step."""
    chosen = ["task=inverse_variable", "model=lstm2", "model.hidden_size=3", "trainer.precision=64-true", *overrides]
    made = build_experiment(plain_config(*chosen, "seeds=2", "task.train_size=8", "task.batch_size=8"))
    batch = next(group_data(made, [0, 1]).minibatches(range(1))).to(device, torch.float64)
    assert len(set(batch.lengths.flatten().tolist())) > 1
    results = []
    for engine in ("compiled", "looped"):
        population = made.build_population([0, 1], engine).double().to(device)
        losses = population.backward(lambda outputs, batch: outputs.square().flatten(1).sum(1), batch)
        results.append((losses, population.weights.grad))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)
