"""Dropout, truncation, mixed layers and both directions: against torch.nn, in both engines, refused in one line."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.models import RecurrentNetwork
from seqprobe.models.bidirectional import BidirectionalNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import build_population
from seqprobe.models.plain_network import plain_network

SEEDS, LENGTHS = [4, 0], torch.tensor([[5, 9, 1], [2, 3, 9]])
DRAWN = torch.Generator().manual_seed(0)
INPUTS = torch.randn(2, 3, 9, 2, generator=DRAWN, dtype=torch.float64)
LONG = torch.randn(1, 3, 20, 2, generator=DRAWN, dtype=torch.float64)
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])
each_kind = pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])


def population(engine: str, kind: str, network: Any = RecurrentNetwork, seeds: Any = SEEDS, **settings: Any) -> Any:
    build = partial(network, 2, 3, kind, 9, **{"hidden_size": 4, **settings})
    return build_population(build, seeds, engine).double()


def squares(outputs: Tensor, batch: Batch) -> Tensor:
    return outputs.square().flatten(1).sum(1)


def gradients(members: Any, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
    members.backward(squares, Batch(inputs, inputs, lengths))
    return {name: value.clone() for name, value in members.named_views(members.weights.grad).items()}


def torch_bidirectional(weights: dict[str, Tensor], kind: str, inputs: Tensor, lengths: Tensor) -> Tensor:
    layers = nn.LSTM(2, 4, num_layers=2, batch_first=True, bidirectional=True).double()
    named = {}
    for depth in range(2):
        for ours, theirs in (("layers", ""), ("backward_layers", "_reverse")):
            for part, name in (("input_weight", "weight_ih"), ("recurrent_weight", "weight_hh"), ("bias", "bias_ih")):
                named[f"{name}_l{depth}{theirs}"] = weights[f"{ours}.{depth}.{part}"]
            named[f"bias_hh_l{depth}{theirs}"] = torch.zeros(16, dtype=torch.float64)
    packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    steps, (final, _) = torch.func.functional_call(layers, named, (packed,))
    if kind == "seq2vec":
        return torch.cat([final[-2], final[-1]], -1) @ weights["readout.weight"].mT + weights["readout.bias"]
    hidden = pad_packed_sequence(steps, True, total_length=9)[0]
    outputs = hidden @ weights["readout.weight"].mT + weights["readout.bias"]
    return outputs * (torch.arange(9) < lengths.unsqueeze(-1)).unsqueeze(-1)


@each_kind
@each_engine
def test_both_directions_are_torchs_on_packed_sequences(engine: str, kind: str) -> None:
    members = population(engine, kind, BidirectionalNetwork, cell=LSTM, num_layers=2)
    outputs, found = members(INPUTS, LENGTHS), gradients(members, INPUTS, LENGTHS)
    for member in range(2):
        views = members.named_views(members.weights.detach()[member])
        weights = {name: value.clone().requires_grad_() for name, value in views.items()}
        expected = torch_bidirectional(weights, kind, INPUTS[member], LENGTHS[member])
        torch.testing.assert_close(outputs[member], expected, rtol=0, atol=1e-10)
        by_weights = torch.autograd.grad(expected.square().sum(), [*weights.values()])
        for name, value in zip(weights, by_weights, strict=True):
            torch.testing.assert_close(found[name][member], value, rtol=0, atol=1e-10, msg=name)


def test_both_directions_are_traced_in_the_order_of_the_steps() -> None:
    members = population("stacked", "seq2seq", BidirectionalNetwork, cell=GRU)
    traced = members.trace(INPUTS, LENGTHS)
    assert {name for name in traced if "hidden" in name} == {"0.hidden", "0.backward_hidden"}
    hidden = torch.cat([traced["0.hidden"], traced["0.backward_hidden"]], -1)
    weights = members.named_views(members.weights.detach())
    outputs = hidden @ weights["readout.weight"].mT.unsqueeze(1) + weights["readout.bias"][:, None, None]
    counted = (torch.arange(9) < LENGTHS.unsqueeze(-1)).unsqueeze(-1)
    torch.testing.assert_close(outputs * counted, members(INPUTS, LENGTHS), rtol=0, atol=1e-12)


def torch_truncated(weights: dict[str, Tensor], inputs: Tensor, stretch: int) -> Tensor:
    """torch.nn.RNN over one stretch after the other, each from the detached state of the one before."""
    layer = nn.RNN(2, 4, batch_first=True).double()
    named = {"weight_ih_l0": weights["layers.0.input_weight"], "weight_hh_l0": weights["layers.0.recurrent_weight"]}
    named |= {"bias_ih_l0": weights["layers.0.bias"], "bias_hh_l0": torch.zeros(4, dtype=torch.float64)}
    state, hidden = torch.zeros(1, len(inputs), 4, dtype=torch.float64), []
    for piece in inputs.split(stretch, 1):
        steps, state = torch.func.functional_call(layer, named, (piece, state.detach()))
        hidden.append(steps)
    return torch.cat(hidden, 1) @ weights["readout.weight"].mT + weights["readout.bias"]


@each_engine
@pytest.mark.parametrize("stretch", [1, 6, 20])
def test_truncated_gradients_are_those_of_detached_states(engine: str, stretch: int) -> None:
    members = population(engine, "seq2seq", seeds=[4], cell=RNN, truncation=stretch)
    lengths = torch.full((1, 3), 20)
    found = gradients(members, LONG, lengths)
    views = members.named_views(members.weights.detach()[0])
    weights = {name: value.clone().requires_grad_() for name, value in views.items()}
    expected = torch_truncated(weights, LONG[0], stretch)
    torch.testing.assert_close(members(LONG, lengths)[0], expected, rtol=0, atol=1e-12)
    by_weights = torch.autograd.grad(expected.square().sum(), [*weights.values()])
    for name, value in zip(weights, by_weights, strict=True):
        torch.testing.assert_close(found[name][0], value, rtol=0, atol=1e-10, msg=name)


def test_truncation_is_for_every_cell_and_changes_no_output() -> None:
    lengths = torch.full((1, 3), 20)
    for cell in (LSTM, GRU):
        plain, cut = (population("looped", "seq2seq", seeds=[4], cell=cell, truncation=k) for k in (None, 5))
        torch.testing.assert_close(plain(LONG, lengths), cut(LONG, lengths), rtol=0, atol=1e-12)
        name = "layers.0.recurrent_weight"
        assert not torch.allclose(gradients(plain, LONG, lengths)[name], gradients(cut, LONG, lengths)[name])


@each_engine
def test_layers_of_several_cells(engine: str) -> None:
    members = population(engine, "seq2vec", cell=[LSTM, GRU], num_layers=2, forget_bias=2.0)
    assert [type(layer) for layer in members.networks[0].layers] == [LSTM, GRU]
    weights = members.named_views(members.weights.detach())
    assert (weights["layers.0.bias"][:, 4:8] == 2).all()
    network = RecurrentNetwork(2, 3, "seq2vec", 9, [LSTM, GRU], 4, 2).double()
    network.load_state_dict(members.state(1, members.weights.detach()[1]))
    expected = plain_network(network)(INPUTS[1], LENGTHS[1])
    torch.testing.assert_close(members(INPUTS, LENGTHS)[1], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("readout", "count"), [("linear", 2), ("recurrent", 2)])
def test_dropout_is_between_layers_and_before_a_dense_readout(
    readout: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = list[float]()
    monkeypatch.setattr(nn.functional, "dropout", lambda values, share: shares.append(share) or values)
    network = RecurrentNetwork(2, 3, "seq2seq", 9, RNN, 4, 2, readout, dropout=0.25)
    network.reset_parameters(torch.Generator().manual_seed(0))
    inputs = INPUTS[0].float(), LENGTHS[0]
    dropped = network.train()(*inputs)
    assert shares == [0.25] * count
    assert torch.equal(dropped, network.eval()(*inputs))
    assert len(shares) == count


def test_dropped_outputs_are_scaled() -> None:
    network = RecurrentNetwork(2, 3, "seq2vec", 9, RNN, hidden_size=1000, dropout=0.5)
    network.reset_parameters(torch.Generator().manual_seed(0))
    hidden = torch.ones(4, 1000)
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        dropped = network.train().drop_outputs(hidden, network.layers[0])
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert abs(dropped.mean().item() - 1) < 0.1


@pytest.mark.parametrize(
    ("network", "settings", "message"),
    [
        (RecurrentNetwork, {"cell": RNN, "dropout": 1.0}, "dropout=1.0: must be in 0"),
        (RecurrentNetwork, {"cell": RNN, "truncation": 0}, "truncation=0: must be an integer >= 1"),
        (RecurrentNetwork, {"cell": [RNN, GRU]}, "cell=2 cells: must be one cell, or a list of one for each of the 1"),
        (RecurrentNetwork, {"cell": [RNN, GRU], "num_layers": 2, "forget_bias": 1.0}, "forget_bias=1.0: this cell has"),
        (RecurrentNetwork, {"cell": [nn.Linear]}, "cell._target_=Linear: must be a seqprobe Cell"),
        (BidirectionalNetwork, {"cell": RNN, "readout": "recurrent"}, "readout=recurrent: must be linear"),
    ],
)
def test_what_does_not_fit_is_refused(network: Any, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{message}"):
        network(2, 3, "seq2seq", 9, **settings)


def test_last_steps_of_both_directions_have_read_everything() -> None:
    network = BidirectionalNetwork(2, 3, "seq2vec", 9, RNN, 4).double()
    network.reset_parameters(torch.Generator().manual_seed(0))
    changed = INPUTS.clone()
    changed[:, :, 0] += 1
    before, after = network(INPUTS[0], LENGTHS[0]), network(changed[0], LENGTHS[0])
    assert (before - after).abs().min() > 1e-3
