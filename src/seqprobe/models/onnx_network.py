"""A trained network as an ONNX model with inputs of any batch and length, built from its equations.

Layers become ONNX's LSTM, GRU and RNN nodes, or a Scan over the cell's step where ONNX has no such cell. This needs the
package onnx, the extra ``seqprobe[onnx]``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from seqprobe.checks import InvalidValue
from seqprobe.models.bidirectional import BidirectionalNetwork
from seqprobe.models.mlp import MLP
from seqprobe.models.normalised import Normalised
from seqprobe.models.onnx_cells import add_layer
from seqprobe.models.onnx_graph import OPSET, Graph
from seqprobe.models.recurrent import DenseReadout, RecurrentNetwork

ACTIVATIONS = {torch.sigmoid: "Sigmoid", torch.tanh: "Tanh", torch.relu: "Relu"}


def onnx_bytes(network: nn.Module, input_size: int) -> bytes:
    """A network without a seeds axis as the content of an ONNX file.

    Its inputs are ``inputs`` ``(batch, time, input_size)`` in float32 and ``lengths`` ``(batch,)`` in int64; its output
    is ``outputs``, as the network's `forward` returns it.

    Raises:
        InvalidValue: onnx is not installed, or the network has no counterpart.
    """
    try:
        from onnx import checker, helper
    except ImportError as problem:
        raise InvalidValue("to_onnx", "onnx", "is not installed: pip install 'seqprobe[onnx]'") from problem
    graph = Graph()
    outputs = add_normalised(graph, network) if isinstance(network, Normalised) else add_network(graph, network)
    graph.add("Identity", [outputs], output="outputs")
    model = helper.make_model(
        graph.build({"inputs": ["batch", "time", input_size], "lengths": ["batch"]}, output_axes(network)),
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="seqprobe",
        ir_version=9,  # that of the opset: older runtimes read it as well
    )
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def add_network(graph: Graph, network: nn.Module, inputs: str = "inputs") -> str:
    """The nodes of a network; the name of its outputs.

    Raises:
        InvalidValue: it has no counterpart.
    """
    if isinstance(network, RecurrentNetwork) and type(network).forward is RecurrentNetwork.forward:
        return add_recurrent(graph, network, inputs)
    if type(network) is BidirectionalNetwork:
        return add_bidirectional(graph, network, inputs)
    if type(network) is MLP:
        return add_perceptron(graph, network, inputs)
    name = type(network).__name__
    raise InvalidValue("to_onnx", name, "is a network of your own: export what to_torch() gives with torch.onnx")


def add_normalised(graph: Graph, network: Normalised) -> str:
    """The nodes of a network and of the maps before and after it; the name of its outputs."""
    centred = graph.add("Sub", ["inputs", graph.weights(network.input_mean)])
    inputs = graph.add("Div", [centred, graph.weights(network.input_deviation)])
    scaled = graph.add("Mul", [add_network(graph, network.network, inputs), graph.weights(network.output_deviation)])
    outputs = graph.add("Add", [scaled, graph.weights(network.output_mean)])
    return masked(graph, outputs) if getattr(network, "kind", "seq2vec") == "seq2seq" else outputs


def output_axes(network: Any) -> list[str | int]:
    """The axes of the outputs: named where they are free."""
    network = network.network if isinstance(network, Normalised) else network
    if isinstance(network, MLP):
        return ["batch", int(network.layers[-1].bias.shape[-1])]
    dense = isinstance(network.readout, DenseReadout)
    size = int(network.readout.bias.shape[-1]) if dense else int(network.layers[-1].hidden_size)
    return ["batch", "time", size] if network.kind == "seq2seq" else ["batch", size]


def add_recurrent(graph: Graph, network: Any, inputs: str) -> str:
    """The nodes of a recurrent network; the name of its outputs."""
    steps = graph.add("Transpose", [masked(graph, inputs)], perm=[1, 0, 2])
    for layer in network.layers:
        steps = add_layer(graph, layer, steps)
    hidden = last_steps(graph, steps) if network.kind == "seq2vec" else by_batch(graph, steps)
    outputs = add_dense(graph, network.readout, hidden) if isinstance(network.readout, DenseReadout) else hidden
    return outputs if network.kind == "seq2vec" else masked(graph, outputs)


def add_bidirectional(graph: Graph, network: BidirectionalNetwork, inputs: str) -> str:
    """The nodes of a network that reads in both directions; the name of its outputs."""
    steps = graph.add("Transpose", [masked(graph, inputs)], perm=[1, 0, 2])
    forth = back = steps
    for layer, backward_layer in zip(network.layers, network.backward_layers, strict=True):
        forth, back = add_layer(graph, layer, steps), add_layer(graph, backward_layer, reversed_steps(graph, steps))
        steps = graph.add("Concat", [forth, reversed_steps(graph, back)], axis=2)
    if network.kind == "seq2vec":
        final = graph.add("Concat", [last_steps(graph, forth), last_steps(graph, back)], axis=1)
        return add_dense(graph, network.readout, final)
    return masked(graph, add_dense(graph, network.readout, by_batch(graph, steps)))


def reversed_steps(graph: Graph, steps: str) -> str:
    """Steps ``(time, batch, features)`` in the opposite order, padding in its place."""
    return graph.add("ReverseSequence", [steps, "lengths"], time_axis=0, batch_axis=1)


def by_batch(graph: Graph, steps: str) -> str:
    """Steps ``(time, batch, features)`` as ``(batch, time, features)``."""
    return graph.add("Transpose", [steps], perm=[1, 0, 2])


def last_steps(graph: Graph, steps: str) -> str:
    """Each sequence's true last step, ``(batch, features)``."""
    last = graph.add("Sub", ["lengths", graph.constant(np.int64(1))])
    return graph.add("GatherND", [by_batch(graph, steps), graph.unsqueeze(last, 1)], batch_dims=1)


def add_dense(graph: Graph, layer: Any, inputs: str) -> str:
    """A linear map; the name of its outputs."""
    product = graph.add("MatMul", [inputs, graph.weights(layer.weight.mT)])
    return graph.add("Add", [product, graph.weights(layer.bias)])


def masked(graph: Graph, values: str) -> str:
    """Values ``(batch, time, features)`` with zeros in the padding."""
    zero, one = graph.constant(np.int64(0)), graph.constant(np.int64(1))
    steps = graph.add("Range", [zero, graph.size("inputs", 1), one])
    mask = graph.add("Less", [steps, graph.unsqueeze("lengths", 1)])
    return graph.add("Where", [graph.unsqueeze(mask, 2), values, graph.constant(np.float32(0))])


def add_perceptron(graph: Graph, network: Any, inputs: str) -> str:
    """The nodes of a perceptron, whose sequences are cut or padded to its maximal length."""
    longest, features = network.max_length, network.layers[0].weight.shape[-1] // network.max_length
    zeros = graph.zeros([graph.axis("inputs", 0), graph.constant(np.array([longest, features]))])
    padded = graph.add("Concat", [masked(graph, inputs), zeros], axis=1)
    ends = [graph.constant(np.array([value])) for value in (0, longest, 1)]
    seen = graph.add("Slice", [padded, *ends])
    values = graph.add("Reshape", [seen, graph.constant(np.array([0, longest * features]))])
    for index, layer in enumerate(network.layers):
        values = graph.add(ACTIVATIONS[network.activation], [values]) if index else values
        values = add_dense(graph, layer, values)
    too_long = graph.add("Greater", ["lengths", graph.constant(np.int64(longest))])
    return graph.add("Where", [graph.unsqueeze(too_long, 1), graph.constant(np.float32(np.nan)), values])
