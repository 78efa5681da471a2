"""Plain modules of torch give a network's own outputs, and are torch's own classes where those exist."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from seqprobe.models.bidirectional import BidirectionalNetwork
from seqprobe.models.cells.cell import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.member import build_member
from seqprobe.models.mlp import MLP
from seqprobe.models.plain_network import plain_network
from seqprobe.models.recurrent import RecurrentNetwork

LAYERS = {RNN: nn.RNN, ReLURNN: nn.RNN, GRU: nn.GRU, LSTM: nn.LSTM, GravesLSTM: GravesLSTM, PeepholeLSTM: PeepholeLSTM}


def recurrent(cell: type[Cell], kind: str, readout: str = "linear") -> nn.Module:
    return build_member(partial(RecurrentNetwork, 3, 2, kind, 6, cell, 4, 2, readout), 0).eval()


def assert_equal_outputs(plain: nn.Module, network: nn.Module) -> None:
    inputs, lengths = torch.randn(3, 6, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([6, 1, 4])
    with torch.no_grad():
        torch.testing.assert_close(plain(inputs, lengths), network(inputs, lengths), atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(plain(inputs), network(inputs, torch.full((3,), 6)), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
@pytest.mark.parametrize("cell", LAYERS)
def test_it_computes_the_same(cell: type[Cell], kind: str) -> None:
    network = recurrent(cell, kind)
    plain: Any = plain_network(network)
    assert [type(layer) for layer in plain.layers] == [LAYERS[cell]] * 2
    assert type(plain.readout) is nn.Linear
    assert_equal_outputs(plain, network)


def test_a_recurrent_readout_is_one_more_layer() -> None:
    network = recurrent(LSTM, "seq2seq", "recurrent")
    plain: Any = plain_network(network)
    assert [layer.hidden_size for layer in plain.layers] == [4, 4, 2]
    assert_equal_outputs(plain, network)


@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
def test_both_directions(kind: str) -> None:
    network = build_member(partial(BidirectionalNetwork, 3, 2, kind, 6, GRU, 4, 2), 0).eval()
    plain: Any = plain_network(network)
    assert [type(layer) for layer in plain.backward_layers] == [nn.GRU, nn.GRU]
    assert_equal_outputs(plain, network)


def test_perceptrons() -> None:
    network = build_member(partial(MLP, 3, 2, "seq2vec", 6, (5, 4), "tanh"), 0).eval()
    plain: Any = plain_network(network)
    assert [type(layer) for layer in plain.layers] == [nn.Linear, nn.Tanh, nn.Linear, nn.Tanh, nn.Linear]
    assert_equal_outputs(plain, network)
    assert plain(torch.zeros(1, 7, 3)).isnan().all()


def test_its_state_dict_is_that_of_torchs_class() -> None:
    plain: Any = plain_network(recurrent(GRU, "seq2seq"))
    fresh = [nn.GRU(3, 4, batch_first=True), nn.GRU(4, 4, batch_first=True)]
    for layer, trained in zip(fresh, plain.layers, strict=True):
        layer.load_state_dict(trained.state_dict())
    inputs = torch.ones(1, 5, 3)
    with torch.no_grad():
        outputs = plain.readout(fresh[1](fresh[0](inputs)[0])[0])
        torch.testing.assert_close(outputs, plain(inputs))


def test_a_module_of_a_users_own_is_copied() -> None:
    module = nn.Linear(2, 2)
    copied = plain_network(module)
    assert copied is not module
    torch.testing.assert_close(copied.state_dict(), module.state_dict())
