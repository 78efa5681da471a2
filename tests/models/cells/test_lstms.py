"""The LSTMs with peepholes, against their equations spelled out number by number, and against the LSTM without."""

from collections.abc import Callable, Sequence
from itertools import product

import pytest
import torch
from torch import Tensor, nn

from seqprobe.models import Cell
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM

INPUT, FORGET, CANDIDATE, OUTPUT = range(4)
PEEPHOLE = {INPUT: 0, FORGET: 1, OUTPUT: 2}
INPUTS = torch.randn(2, 2, 18, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
"""Two members, two sequences of a length at which elementwise cells leave the plain loop, two features."""
Weights = dict[str, Tensor]


def drawn(kind: type[Cell], *seeds: int) -> Cell:
    """A cell of three units in float64 with random weights."""
    cell, generator = kind(2, 3), torch.Generator().manual_seed(1)
    for parameter in cell.parameters():
        parameter.data = torch.randn(*seeds, *parameter.shape, generator=generator, dtype=torch.float64)
    return cell


def product_sum(row: Tensor, values: Sequence[Tensor]) -> Tensor:
    """One row of a linear map."""
    total = torch.zeros((), dtype=torch.float64)
    for weight, value in zip(row.unbind(), values, strict=True):
        total = total + weight * value
    return total


def graves_peephole(own: Weights, gate: int, unit: int, cell: Sequence[Tensor]) -> Tensor:
    """Of a full matrix with its bias, and the bias of the recurrent map, which every gate has."""
    total = own["recurrent_bias"][3 * gate + unit]
    if gate in PEEPHOLE:
        row = 3 * PEEPHOLE[gate] + unit
        total = total + product_sum(own["peephole_weight"][row], cell) + own["peephole_bias"][row]
    return total


def diagonal_peephole(own: Weights, gate: int, unit: int, cell: Sequence[Tensor]) -> Tensor:
    zero = torch.zeros((), dtype=torch.float64)
    return own["peepholes"][3 * PEEPHOLE[gate] + unit] * cell[unit] if gate in PEEPHOLE else zero


NAIVE: dict[type[Cell], Callable[[Weights, int, int, Sequence[Tensor]], Tensor]] = {
    GravesLSTM: graves_peephole,
    PeepholeLSTM: diagonal_peephole,
}


def naive(kind: type[Cell], own: Weights, sequence: Tensor) -> Tensor:
    """Hidden states ``(time, 3)`` of one sequence by the weights of one member (Graves, 2013, eq. 7-11)."""
    hidden, cell = [[torch.zeros((), dtype=torch.float64)] * 3] * 2
    found = []

    def total(gate: int, unit: int, inputs: Tensor, seen: Sequence[Tensor]) -> Tensor:
        row = 3 * gate + unit
        linear = product_sum(own["input_weight"][row], inputs.unbind()) + own["bias"][row]
        return linear + product_sum(own["recurrent_weight"][row], hidden) + NAIVE[kind](own, gate, unit, seen)

    for inputs in sequence.unbind():
        after = []
        for unit in range(3):
            input_gate = 1 / (1 + torch.exp(-total(INPUT, unit, inputs, cell)))
            forget_gate = 1 / (1 + torch.exp(-total(FORGET, unit, inputs, cell)))
            after.append(forget_gate * cell[unit] + input_gate * torch.tanh(total(CANDIDATE, unit, inputs, cell)))
        output_gates = [1 / (1 + torch.exp(-total(OUTPUT, unit, inputs, after))) for unit in range(3)]
        cell, hidden = after, [gate * torch.tanh(value) for gate, value in zip(output_gates, after, strict=True)]
        found.append(torch.stack(hidden))
    return torch.stack(found)


def loss(outputs: Tensor) -> Tensor:
    """Weighs every step and unit differently."""
    return (outputs.square() * torch.linspace(-1, 2, 54, dtype=torch.float64).view(18, 3)).sum()


@pytest.mark.parametrize("seeds", [(), (2,)], ids=["single", "stacked"])
@pytest.mark.parametrize("kind", NAIVE)
def test_outputs_and_gradients_are_those_of_the_equations(kind: type[Cell], seeds: tuple[int, ...]) -> None:
    cell = drawn(kind, *seeds)
    parameters = dict(cell.named_parameters())
    inputs = (INPUTS if seeds else INPUTS[0]).clone().requires_grad_()
    outputs, expected = cell(inputs), torch.zeros(*inputs.shape[:-1], 3, dtype=torch.float64)
    for index in product(*map(range, inputs.shape[:-2])):
        own = {name: value[index[:-1]] for name, value in parameters.items()}
        expected[index] = naive(kind, own, inputs[index])
    torch.testing.assert_close(outputs, expected, rtol=0, atol=1e-12)
    found = torch.autograd.grad(loss(outputs), [inputs, *parameters.values()])
    wanted = torch.autograd.grad(loss(expected), [inputs, *parameters.values()])
    for name, one, other in zip(["inputs", *parameters], found, wanted, strict=True):
        assert other.abs().min() > 0, name
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("seeds", [(), (2,)], ids=["single", "stacked"])
@pytest.mark.parametrize(("kind", "added"), [(GravesLSTM, 0.0), (GravesLSTM, 0.5), (PeepholeLSTM, 0.0)])
def test_without_peepholes_it_is_the_lstm(kind: type[Cell], added: float, seeds: tuple[int, ...]) -> None:
    """Also when another of Graves's biases carries a part of what the LSTM has in its only one."""
    plain, cell = drawn(LSTM, *seeds), drawn(kind, *seeds)
    for name, parameter in cell.named_parameters():
        if name in dict(plain.named_parameters()):
            parameter.data = plain.get_parameter(name).detach().clone()
        else:
            nn.init.zeros_(parameter)
    if isinstance(cell, GravesLSTM):
        cell.bias.data -= added
        cell.recurrent_bias.data += added
    inputs = INPUTS if seeds else INPUTS[0]
    torch.testing.assert_close(cell(inputs), plain(inputs), rtol=0, atol=1e-12)
    traced, expected = cell.trace(inputs), plain.trace(inputs)
    assert traced.keys() == expected.keys()
    for name, values in expected.items():
        torch.testing.assert_close(traced[name], values, rtol=0, atol=1e-12)
    for name, parameter in plain.named_parameters():
        (one,) = torch.autograd.grad(loss(cell(inputs)), cell.get_parameter(name))
        (other,) = torch.autograd.grad(loss(plain(inputs)), parameter)
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_the_biases_of_one_gate_have_the_same_gradient() -> None:
    cell = drawn(GravesLSTM)
    assert isinstance(cell, GravesLSTM)
    of_inputs, of_hidden, of_cell = torch.autograd.grad(
        loss(cell(INPUTS[0])), [cell.bias, cell.recurrent_bias, cell.peephole_bias]
    )
    assert torch.equal(of_inputs, of_hidden)
    assert torch.equal(of_inputs.view(4, 3)[[INPUT, FORGET, OUTPUT]], of_cell.view(3, 3))


@pytest.mark.parametrize("kind", NAIVE)
def test_the_output_gate_sees_the_new_cell_and_the_others_the_old(kind: type[Cell]) -> None:
    """At the first step the old cell is zero, so that only the output gate's peephole matters."""
    cell, changed = drawn(kind), drawn(kind)
    name = "peephole_weight" if kind is GravesLSTM else "peepholes"
    with torch.no_grad():
        changed.get_parameter(name)[:6] += 1
    one, other = (each.trace(INPUTS[0, :, :2]) for each in (cell, changed))
    assert all(torch.equal(one[gate][:, 0], other[gate][:, 0]) for gate in one)
    assert all((one[gate][:, 1] != other[gate][:, 1]).all() for gate in ("input_gate", "forget_gate", "cell"))
    with torch.no_grad():
        changed.get_parameter(name)[6:] += 1
    first = changed.trace(INPUTS[0, :, :1])
    differing = {gate for gate in one if (one[gate][:, :1] != first[gate]).all()}
    assert differing == {"output_gate", "hidden"}
