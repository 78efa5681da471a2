"""Every cell, in every path it can take, against torch.nn's own implementation."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqprobe.checks import InvalidValue
from seqprobe.models import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN

TORCH: dict[type[Cell], Callable[..., nn.RNNBase]] = {
    RNN: nn.RNN,
    ReLURNN: partial(nn.RNN, nonlinearity="relu"),
    LSTM: nn.LSTM,
    GRU: nn.GRU,
}
SHAPES = [(1, 1, 1, 1), (3, 7, 2, 5), (4, 12, 3, 8), (2, 30, 1, 3), (5, 1, 4, 2)]
"""batch, time, input_size, hidden_size."""
PATHS = {
    "forward": lambda cell, inputs: cell(inputs),
    "loop": Cell.forward,
    "trace": lambda cell, inputs: cell.trace(inputs)["hidden"],
}


def random_cell(kind: type[Cell], input_size: int, hidden_size: int, *seeds: int) -> Cell:
    cell = kind(input_size, hidden_size)
    generator = torch.Generator().manual_seed(hidden_size)
    for name, parameter in list(cell.named_parameters()):
        value = torch.randn(*seeds, *parameter.shape, generator=generator, dtype=torch.float64)
        setattr(cell, name, nn.Parameter(value))
    return cell


def twin(cell: Cell, member: tuple[int, ...] = ()) -> nn.RNNBase:
    """torch.nn's layer with the same weights, the bias split at random between its two biases."""
    bias = cell.bias[member]
    second = torch.randn(bias.shape, generator=torch.Generator().manual_seed(5), dtype=bias.dtype)
    if isinstance(cell, GRU):
        second[-cell.hidden_size :] = 0
    first = bias - second
    if isinstance(cell, GRU):
        second[-cell.hidden_size :] = cell.candidate_bias[member]
    layer = TORCH[type(cell)](cell.input_size, cell.hidden_size, batch_first=True).double()
    values = [cell.input_weight[member], cell.recurrent_weight[member], first, second]
    for parameter, value in zip(layer.parameters(), values, strict=True):
        parameter.data.copy_(value)
    return layer


def gradients(outputs: Tensor, *by: Tensor) -> list[Tensor]:
    """Of a loss that weighs every output differently."""
    weights = torch.linspace(-1, 2, outputs.numel(), dtype=outputs.dtype).view_as(outputs)
    return list(torch.autograd.grad((outputs.square() * weights).sum(), by, materialize_grads=True))


def assert_as_torch(cell: Cell, inputs: Tensor, outputs: Tensor, found: list[Tensor], *member: int) -> None:
    """Compare one member's outputs and gradients, of the inputs and of ``cell.parameters()``, with torch.nn's."""
    layer, own = twin(cell, member), inputs.detach().clone().requires_grad_()
    expected = layer(own)[0]
    wanted = gradients(expected, own, *layer.parameters())
    if isinstance(cell, GRU):
        wanted[4] = wanted[4][-cell.hidden_size :]
    torch.testing.assert_close(outputs, expected, rtol=1e-12, atol=1e-10)  # rectified states grow without bound
    names = ["inputs", *(name for name, _ in cell.named_parameters())]
    for name, one, other in zip(names, found, wanted, strict=False):  # the second bias of RNN and LSTM has no twin
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", TORCH)
def test_a_cell_is_torchs(kind: type[Cell], path: str, shape: tuple[int, int, int, int]) -> None:
    batch, time, input_size, hidden_size = shape
    cell = random_cell(kind, input_size, hidden_size)
    inputs = torch.randn(batch, time, input_size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    outputs = PATHS[path](cell, inputs.requires_grad_())
    assert_as_torch(cell, inputs, outputs, gradients(outputs, inputs, *cell.parameters()))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", TORCH)
def test_every_member_of_stacked_weights_is_torchs(kind: type[Cell], shape: tuple[int, int, int, int]) -> None:
    batch, time, input_size, hidden_size = shape
    cell = random_cell(kind, input_size, hidden_size, 3)
    inputs = torch.randn(3, batch, time, input_size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    inputs.requires_grad_()
    for member in range(3):
        outputs = cell(inputs)
        found = gradients(outputs[member], inputs, *cell.parameters())
        assert all(gradient[:member].abs().sum() == 0 == gradient[member + 1 :].abs().sum() for gradient in found)
        assert_as_torch(cell, inputs[member], outputs[member], [gradient[member] for gradient in found], member)


@pytest.mark.parametrize("kind", TORCH)
def test_single_precision_gradients_are_those_of_double(kind: type[Cell]) -> None:
    """Libraries take other kernels for float32 than for float64."""
    double = random_cell(kind, 2, 5)
    single = random_cell(kind, 2, 5).float()
    inputs = torch.randn(3, 9, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = gradients(single(inputs.float()), *single.parameters())
    for one, other in zip(found, gradients(double(inputs), *double.parameters()), strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-4)


def test_the_single_seed_lstm_runs_in_torchs_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LSTM, "step", None)
    assert random_cell(LSTM, 2, 3)(torch.zeros(4, 5, 2, dtype=torch.float64)).shape == (4, 5, 3)


@pytest.mark.parametrize("gates", ["candidate", ("gate", "gate")])
def test_gates_that_are_no_different_names_are_refused(gates: Any) -> None:
    misnamed = type("Misnamed", (RNN,), {"gates": gates})
    with pytest.raises(InvalidValue, match=r"^Misnamed.gates=.*: must be a tuple of different names"):
        misnamed(1, 2)
