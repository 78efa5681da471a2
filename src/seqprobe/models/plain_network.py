"""A trained network as a plain module of torch, with torch.nn's own layers where the cell is torch's."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import last_step, mask_padding
from seqprobe.models.bidirectional import BidirectionalNetwork, reversed_steps
from seqprobe.models.cells.cell import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.mlp import MLP
from seqprobe.models.normalised import Normalised
from seqprobe.models.recurrent import DenseReadout, RecurrentNetwork


class PlainNetwork(nn.Module):
    """Recurrent layers and a readout.

    Attributes:
        layers: one-layer `torch.nn.LSTM`, `torch.nn.GRU` or `torch.nn.RNN` with ``batch_first``, or a `Cell`.
        readout: `torch.nn.Linear`, or nothing where the last layer is the output.
    """

    def __init__(self, layers: list[nn.Module], readout: nn.Module, kind: str) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.readout, self.kind = readout, kind

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Outputs ``(batch, time, output_size)``, or ``(batch, output_size)`` of a seq2vec network.

        Args:
            inputs: ``(batch, time, input_size)``, padded on the right.
            lengths: ``(batch,)`` integers; None: there is no padding.
        """
        lengths = all_steps(inputs) if lengths is None else lengths
        hidden = mask_padding(inputs, lengths)
        for layer in self.layers:
            hidden = layer_outputs(layer, hidden)
        if self.kind == "seq2vec":
            return self.readout(last_step(hidden, lengths))
        return mask_padding(self.readout(hidden), lengths)


class PlainBidirectional(PlainNetwork):
    """Pairs of layers: the second of a pair reads from the last step back."""

    def __init__(
        self, layers: list[nn.Module], backward_layers: list[nn.Module], readout: nn.Module, kind: str
    ) -> None:
        super().__init__(layers, readout, kind)
        self.backward_layers = nn.ModuleList(backward_layers)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """As `PlainNetwork.forward`."""
        lengths = all_steps(inputs) if lengths is None else lengths
        hidden, directions = mask_padding(inputs, lengths), list[Tensor]()
        for layer, backward_layer in zip(self.layers, self.backward_layers, strict=True):
            directions = [layer_outputs(layer, hidden), layer_outputs(backward_layer, reversed_steps(hidden, lengths))]
            hidden = torch.cat([directions[0], reversed_steps(directions[1], lengths)], -1)
        if self.kind == "seq2vec":
            return self.readout(torch.cat([last_step(direction, lengths) for direction in directions], -1))
        return mask_padding(self.readout(hidden), lengths)


def layer_outputs(layer: nn.Module, inputs: Tensor) -> Tensor:
    """The outputs of a layer at every step; torch's layers return their last state as well."""
    outputs = layer(inputs)
    return outputs if isinstance(layer, Cell) else outputs[0]


class PlainPerceptron(nn.Module):
    """Dense layers over all steps of a sequence of at most ``max_length`` steps; longer ones give NaN."""

    def __init__(self, layers: nn.Sequential, max_length: int) -> None:
        super().__init__()
        self.layers, self.max_length = layers, max_length

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Outputs ``(batch, output_size)``; arguments as for `PlainNetwork`."""
        lengths = all_steps(inputs) if lengths is None else lengths
        seen = mask_padding(inputs, lengths)[:, : self.max_length]
        padded = nn.functional.pad(seen, (0, 0, 0, self.max_length - seen.shape[1]))
        return self.layers(padded.flatten(1)).masked_fill((lengths > self.max_length).unsqueeze(1), torch.nan)


class PlainNormalised(Normalised):
    """A plain network between the maps that normalise inputs and give outputs their units."""

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Outputs; arguments as for `PlainNetwork`."""
        return super().forward(inputs, all_steps(inputs) if lengths is None else lengths)


def all_steps(inputs: Tensor) -> Tensor:
    """The lengths of sequences without padding."""
    return torch.full((len(inputs),), inputs.shape[1])


@torch.no_grad()
def plain_network(network: nn.Module) -> nn.Module:
    """A copy of a network without a seeds axis; a module of a user's own is copied as it is."""
    if isinstance(network, Normalised):
        plain = PlainNormalised(plain_network(network.network), len(network.input_mean), len(network.output_mean))
        for name in network.member_buffers:
            setattr(plain, name, network.get_buffer(name).clone())
        return plain.eval()
    if type(network) is MLP:
        return plain_perceptron(network).eval()
    if type(network) is BidirectionalNetwork:
        forth, back = ([plain_layer(cell) for cell in cells] for cells in (network.layers, network.backward_layers))
        return PlainBidirectional(forth, back, plain_dense(network.readout), network.kind).eval()
    if not isinstance(network, RecurrentNetwork) or type(network).forward is not RecurrentNetwork.forward:
        return copy.deepcopy(network).eval()
    readout = plain_dense(network.readout) if isinstance(network.readout, DenseReadout) else nn.Identity()
    return PlainNetwork([plain_layer(layer) for layer in network.layers], readout, network.kind).eval()


def plain_perceptron(network: MLP) -> PlainPerceptron:
    """The perceptron with `torch.nn.Linear` and the activation in between."""
    activation = {torch.sigmoid: nn.Sigmoid, torch.tanh: nn.Tanh, torch.relu: nn.ReLU}[network.activation]
    layers: list[nn.Module] = []
    for layer in network.layers:
        layers += [activation(), plain_dense(layer)] if layers else [plain_dense(layer)]
    return PlainPerceptron(nn.Sequential(*layers), network.max_length)


def plain_dense(readout: Any) -> nn.Linear:
    """A dense readout as `torch.nn.Linear`."""
    size, features = readout.weight.shape
    return loaded(nn.Linear(features, size), weight=readout.weight, bias=readout.bias)


def plain_layer(cell: Cell) -> nn.Module:
    """A layer of torch's that computes what a cell does; a copy of the cell where torch has none."""
    sizes, zeros = (cell.input_size, cell.hidden_size), torch.zeros_like(cell.bias)
    maps = {"weight_ih_l0": cell.input_weight, "weight_hh_l0": cell.recurrent_weight, "bias_ih_l0": cell.bias}
    if type(cell) is LSTM:
        return loaded(nn.LSTM(*sizes, batch_first=True), **maps, bias_hh_l0=zeros)
    if type(cell) is GRU:
        recurrent_bias = torch.cat([zeros[: 2 * cell.hidden_size], cell.candidate_bias])
        return loaded(nn.GRU(*sizes, batch_first=True), **maps, bias_hh_l0=recurrent_bias)
    if type(cell) in (RNN, ReLURNN):
        nonlinearity = "relu" if type(cell) is ReLURNN else "tanh"
        return loaded(nn.RNN(*sizes, batch_first=True, nonlinearity=nonlinearity), **maps, bias_hh_l0=zeros)
    return copy.deepcopy(cell)


def loaded(module: Any, **weights: Tensor) -> Any:
    """A module with these weights, in their precision."""
    module.to(next(iter(weights.values())).dtype).load_state_dict(weights)
    return module
