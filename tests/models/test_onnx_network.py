"""Every built-in model in ONNX, run by onnxruntime, gives the network's own outputs for any batch and length."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from seqprobe.checks import InvalidValue
from seqprobe.config.choices import choices
from seqprobe.config.compose import plain_config
from seqprobe.config.targets import call, make
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.member import build_member
from seqprobe.models.normalised import Normalised
from seqprobe.models.onnx_network import onnx_bytes
from seqprobe.models.recurrent import RecurrentNetwork
from seqprobe.scaling import Scaling

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra seqprobe[onnx] is not installed")
pytestmark = pytest.mark.slow

LENGTHS = [[1], [9, 2, 5], [12, 12]]


def built(model: str, kind: str, *overrides: str, sizes: tuple[int, int] = (3, 2)) -> nn.Module:
    """A network of conf/model with random weights, biases included."""
    node = plain_config(f"model={model}", *overrides)["model"]
    network = build_member(partial(call, "model", node, partial(make("model", node), *sizes, kind, 12)), 0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(torch.randn(weights.shape, generator=generator) / 4)
    return network.eval()


def assert_equal_outputs(network: nn.Module, input_size: int) -> None:
    session = onnxruntime.InferenceSession(onnx_bytes(network, input_size), providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(2)
    for stated in LENGTHS:
        lengths = torch.tensor(stated)
        inputs = torch.randn(len(lengths), max(stated) + 1, input_size, generator=generator)  # a step of padding
        with torch.no_grad():
            expected = network(inputs, lengths).numpy()
        (outputs,) = session.run(None, {"inputs": inputs.numpy(), "lengths": lengths.numpy()})
        np.testing.assert_allclose(outputs, expected, atol=1e-5, rtol=1e-5)


RECURRENT = ["rnn", "relu_rnn", "gru", "lstm", "lstm2", "lstm_peephole", "lstm_graves", "bilstm"]


@pytest.mark.parametrize("model", RECURRENT)
@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
def test_recurrent_networks(model: str, kind: str) -> None:
    assert_equal_outputs(built(model, kind, "model.hidden_size=4"), 3)


@pytest.mark.parametrize("model", ["lstm", "lstm_graves"])
def test_recurrent_readouts(model: str) -> None:
    assert_equal_outputs(built(model, "seq2seq", "model.readout=recurrent"), 3)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_perceptrons_keep_their_maximal_length(activation: str) -> None:
    network = built("mlp", "seq2vec", "model.hidden_sizes=[5,4]", f"model.activation={activation}")
    assert_equal_outputs(network, 3)
    session = onnxruntime.InferenceSession(onnx_bytes(network, 3), providers=["CPUExecutionProvider"])
    inputs = {"inputs": np.ones((2, 20, 3), np.float32), "lengths": np.array([12, 13])}
    assert np.isnan(session.run(None, inputs)[0]).tolist() == [[False, False], [True, True]]


WRITTEN = ["counter", "turnstile_machine"]


def test_every_built_in_model_is_tested() -> None:
    assert set(choices("model")) == {*RECURRENT, *WRITTEN, "mlp"}


@pytest.mark.parametrize("model", WRITTEN)
def test_networks_written_by_hand(model: str) -> None:
    assert_equal_outputs(built(model, "seq2seq", sizes=(2, 2)), 2)


class Own(RNN):
    """A cell of a user's own."""


@pytest.mark.parametrize("network", [RecurrentNetwork(1, 1, "seq2seq", 5, Own), nn.Linear(1, 1)])
def test_what_has_no_counterpart_is_refused(network: nn.Module) -> None:
    with pytest.raises(InvalidValue, match=r"^to_onnx=(Own|Linear): is a (cell|network) of your own"):
        onnx_bytes(network, 1)


@pytest.mark.parametrize(("model", "kind"), [("gru", "seq2seq"), ("lstm", "seq2vec"), ("mlp", "seq2vec")])
def test_networks_that_normalise(model: str, kind: str) -> None:
    network = Normalised(built(model, kind), 3, 2)
    scales = ([1.0, 2, 3], [2.0, 1, 4], [10.0, -5], [3.0, 2])
    network.set_scaling(Scaling(*(torch.tensor(values, dtype=torch.float64) for values in scales)))
    assert_equal_outputs(network.eval(), 3)
