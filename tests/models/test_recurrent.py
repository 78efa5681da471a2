"""The network that unrolls cells, alone and as a population, against torch.nn on packed sequences."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqprobe.batch import Batch, last_step
from seqprobe.checks import InvalidValue
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.engines import build_population

TORCH: dict[type, Callable[..., nn.RNNBase]] = {
    RNN: nn.RNN,
    ReLURNN: partial(nn.RNN, nonlinearity="relu"),
    LSTM: nn.LSTM,
    GRU: nn.GRU,
}
BOUNDED = [RNN, LSTM, GRU, GravesLSTM, PeepholeLSTM]
SEEDS, LENGTHS = [4, 0], torch.tensor([[5, 9, 1], [2, 3, 9]])
INPUTS = torch.randn(2, 3, 9, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
each_kind = pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
each_cell = pytest.mark.parametrize("cell", [*BOUNDED, ReLURNN])
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


def network(cell: type, kind: str = "seq2seq", **settings: Any) -> RecurrentNetwork:
    return RecurrentNetwork(2, 3, kind, 9, cell, hidden_size=4, **settings)


def population(engine: str, *args: Any, **settings: Any) -> Any:
    return build_population(lambda: network(*args, **settings), SEEDS, engine).double()


def gradient(members: Any, inputs: Tensor) -> Tensor:
    """The gradient of the sum of squared outputs by every member's weights."""
    batch = Batch(inputs, inputs, LENGTHS)
    members.backward(lambda outputs, own: outputs.square().flatten(1).sum(1), batch)
    return members.weights.grad.clone()


def torch_outputs(cell: type, kind: str, weights: dict[str, Tensor], inputs: Tensor, lengths: Tensor) -> Tensor:
    """What torch.nn's two layers with a dense readout say of packed sequences, by the given weights of one member."""
    layers = TORCH[cell](2, 4, num_layers=2, batch_first=True).double()
    named = {}
    for depth in range(2):
        own = {name.split(".")[2]: value for name, value in weights.items() if name.startswith(f"layers.{depth}.")}
        recurrent_bias = torch.zeros_like(own["bias"])
        if cell is GRU:
            recurrent_bias = torch.cat([recurrent_bias[:-4], own["candidate_bias"]])
        named |= {f"weight_ih_l{depth}": own["input_weight"], f"weight_hh_l{depth}": own["recurrent_weight"]}
        named |= {f"bias_ih_l{depth}": own["bias"], f"bias_hh_l{depth}": recurrent_bias}
    packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    hidden = pad_packed_sequence(torch.func.functional_call(layers, named, (packed,))[0], True, total_length=9)[0]
    outputs = hidden @ weights["readout.weight"].mT + weights["readout.bias"]
    if kind == "seq2vec":
        return last_step(outputs, lengths)
    return outputs * (torch.arange(9) < lengths.unsqueeze(-1)).unsqueeze(-1)


@each_kind
@each_engine
@pytest.mark.parametrize("cell", TORCH)
def test_two_layers_are_torchs_on_packed_sequences(cell: type, engine: str, kind: str) -> None:
    members = population(engine, cell, kind, num_layers=2)
    inputs = INPUTS.clone().requires_grad_()
    outputs = members(inputs, LENGTHS)
    losses = outputs.square().flatten(1).sum(1)
    (by_inputs,) = torch.autograd.grad(losses.sum(), inputs, retain_graph=True)
    by_weights = members.named_views(gradient(members, INPUTS))
    for member in range(len(SEEDS)):
        own = INPUTS[member].clone().requires_grad_()
        views = members.named_views(members.weights.detach()[member])
        weights = {name: value.clone().requires_grad_() for name, value in views.items()}
        expected = torch_outputs(cell, kind, weights, own, LENGTHS[member])
        torch.testing.assert_close(outputs[member], expected, rtol=0, atol=1e-10)
        wanted = torch.autograd.grad(expected.square().sum(), [own, *weights.values()])
        torch.testing.assert_close(by_inputs[member], wanted[0], rtol=0, atol=1e-10)
        for name, value in zip(weights, wanted[1:], strict=True):
            torch.testing.assert_close(by_weights[name][member], value, rtol=0, atol=1e-10, msg=name)


@pytest.mark.parametrize("readout", ["linear", "recurrent"])
@each_kind
@each_engine
@each_cell
def test_padding_changes_no_output_and_no_gradient(cell: type, engine: str, kind: str, readout: str) -> None:
    members = population(engine, cell, kind, readout=readout)
    expected = members(INPUTS, LENGTHS)
    wanted = gradient(members, INPUTS)
    longer = torch.cat([INPUTS, torch.zeros(2, 3, 4, 2)], 2)
    padding = torch.arange(13) >= LENGTHS.unsqueeze(-1)
    for garbage in (0.0, 1e6, torch.nan, torch.inf):
        outputs = members(longer.masked_fill(padding.unsqueeze(-1), garbage), LENGTHS)
        own = outputs[:, :, :9] if kind == "seq2seq" else outputs
        torch.testing.assert_close(own, expected, rtol=0, atol=1e-12)
        if kind == "seq2seq":
            assert outputs[padding].abs().max() == 0
        found = gradient(members, longer.masked_fill(padding.unsqueeze(-1), garbage))
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("cell", BOUNDED)
def test_a_recurrent_readout_is_a_last_layer_of_the_same_cell(cell: type, layers: int) -> None:
    built = network(cell, num_layers=layers, readout="recurrent")
    sizes = [(layer.input_size, layer.hidden_size) for layer in built.layers]
    assert sizes == [(2, 3)] if layers == 0 else [(2, 4), *[(4, 4)] * (layers - 1), (4, 3)]
    for parameter in built.parameters():
        nn.init.constant_(parameter, 5)
    outputs = built(torch.full((1, 9, 2), 100.0), torch.tensor([9]))
    assert outputs.shape == (1, 9, 3)
    assert outputs.abs().max() <= 1


@pytest.mark.parametrize(
    ("build", "key"),
    [
        (lambda: network(LSTM, num_layers=0), "num_layers"),
        (lambda: network(LSTM, num_layers=-1, readout="recurrent"), "num_layers"),
        (lambda: RecurrentNetwork(2, 3, "seq2seq", 9, RNN, hidden_size=0), "hidden_size"),
        (lambda: RecurrentNetwork(2, 3, "vec2seq", 9, RNN), "kind"),
        (lambda: network(LSTM, readout="dense"), "readout"),
        (lambda: network(LSTM, init="zeros"), "init"),
        (lambda: network(LSTM, init="uniform", init_scale=0), "init_scale"),
        (lambda: network(LSTM, forget_bias=float("nan")), "forget_bias"),
        (lambda: network(GRU, forget_bias=1.0), "forget_bias"),
        (lambda: network(RNN, forget_bias=0), "forget_bias"),
    ],
)
def test_errors_name_the_key(build: Callable[[], Any], key: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        build()
    assert refused.value.key == key
