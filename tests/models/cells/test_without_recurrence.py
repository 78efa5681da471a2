"""A cell without recurrent weights has none, trains in both engines, and any cell can be used by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import pytest
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.models import Cell, RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.unroll import is_elementwise
from seqprobe.models.engines import build_population


class MinGRU(Cell):
    """The minimal GRU of Feng et al. (2024): gate and candidate see the input alone."""

    gates: ClassVar = ("update_gate", "candidate")
    recurrent: ClassVar = False

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        (hidden,) = states
        update_gate = blocks[0].sigmoid()
        hidden = torch.lerp(hidden, blocks[1], update_gate)
        return {"update_gate": update_gate, "candidate": blocks[1], "hidden": hidden}


DRAWN = torch.Generator().manual_seed(0)
INPUTS = torch.randn(2, 3, 20, 2, generator=DRAWN, dtype=torch.float64)
LENGTHS = torch.tensor([[20, 7, 1], [20, 20, 3]])


def recurrence(weight: Tensor, bias: Tensor, inputs: Tensor) -> Tensor:
    """The equations, step by step: ``(batch, time, hidden)``."""
    hidden, outputs = torch.zeros(len(inputs), weight.shape[0] // 2, dtype=inputs.dtype), []
    for step in inputs.unbind(1):
        gate, candidate = (step @ weight.mT + bias).chunk(2, -1)
        hidden = (1 - gate.sigmoid()) * hidden + gate.sigmoid() * candidate
        outputs.append(hidden)
    return torch.stack(outputs, 1)


def test_there_is_no_dead_parameter() -> None:
    cell = MinGRU(2, 4)
    assert {name: tuple(p.shape) for name, p in cell.named_parameters()} == {"input_weight": (8, 2), "bias": (8,)}
    assert set(cell.state_dict()) == {"input_weight", "bias"}
    cell = MinGRU(2, 4).draw_weights(torch.Generator().manual_seed(1)).double()
    cell(INPUTS[0]).square().sum().backward()
    assert all((parameter.grad != 0).all() for parameter in cell.parameters())


@pytest.mark.parametrize("engine", ["stacked", "looped"])
def test_both_engines_compute_it(engine: str) -> None:
    members = build_population(partial(RecurrentNetwork, 2, 3, "seq2vec", 20, MinGRU, 4, 2), [4, 0], engine).double()
    layer = members.networks[0].layers[0]
    one = members.named_views(members.weights.detach()[1])
    expected = recurrence(one["layers.0.input_weight"], one["layers.0.bias"], INPUTS[1])
    traced = members.trace(INPUTS, torch.full((2, 3), 20))["0.hidden"][1]
    torch.testing.assert_close(traced, expected, rtol=0, atol=1e-12)
    members.backward(lambda outputs, batch: outputs.square().flatten(1).sum(1), Batch(INPUTS, INPUTS, LENGTHS))
    gradient = members.named_views(members.weights.grad)
    assert all((values.abs().sum() > 0).item() for values in gradient.values())
    assert is_elementwise(layer)


def test_written_out_backpropagation_is_autograds() -> None:
    cell = MinGRU(2, 3).draw_weights(torch.Generator().manual_seed(1)).double()
    found = []
    for unroll in (cell.loop, cell.fast, partial(recurrence, cell.input_weight, cell.bias)):
        outputs = unroll(INPUTS[0])
        found.append([outputs, *torch.autograd.grad(outputs.square().sum(), [*cell.parameters()])])
    for values in found[1:]:
        for one, other in zip(found[0], values, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", [MinGRU, GRU, LSTM])
def test_a_cell_by_itself_is_stepped_as_it_unrolls(kind: type[Cell]) -> None:
    cell = kind(2, 4).draw_weights(torch.Generator().manual_seed(1)).double()
    states: list[Tensor] = []
    for step, at_step in enumerate(INPUTS[0].unbind(1)):
        values = cell.advance(at_step, states)
        states = [values[name] for name in cell.states]
        torch.testing.assert_close(states[0], cell(INPUTS[0])[:, step], rtol=0, atol=1e-12)
        assert {tuple(value.shape) for value in values.values()} == {(3, 4)}


def test_equal_seeds_draw_equal_weights() -> None:
    first, second, third = (LSTM(2, 4).draw_weights(torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first.input_weight, second.input_weight)
    assert not torch.equal(first.input_weight, third.input_weight)
    assert first.input_weight.abs().max() <= 0.5
