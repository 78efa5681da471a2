"""Recurrent layers in ONNX: one converter per kind of cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqprobe.checks import InvalidValue
from seqprobe.models.cells.cell import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.lstm_graves import GravesLSTM
from seqprobe.models.cells.lstm_peephole import PeepholeLSTM
from seqprobe.models.cells.rnn import RNN, ReLURNN
from seqprobe.models.onnx_graph import Graph

LSTM_ORDER = (0, 3, 1, 2)
"""Our blocks are input, forget, candidate, output; those of ONNX's LSTM input, output, forget, candidate."""
GRU_ORDER = (1, 0, 2)
"""Our blocks are reset, update, candidate; those of ONNX's GRU update, reset, candidate."""


def add_layer(graph: Graph, cell: Cell, steps: str) -> str:
    """A layer over ``(time, batch, features)``; the name of its output ``(time, batch, hidden)``.

    Raises:
        InvalidValue: there is no converter for the cell.
    """
    converters = {LSTM: add_lstm, PeepholeLSTM: add_peephole_lstm, GravesLSTM: add_graves_lstm, GRU: add_gru}
    converter = {**converters, RNN: add_rnn, ReLURNN: add_relu_rnn}.get(type(cell))
    if converter is None:
        name = type(cell).__name__
        raise InvalidValue("to_onnx", name, "is a cell of your own: export what to_torch() gives with torch.onnx")
    return converter(graph, cell, steps)


def add_node(
    graph: Graph,
    operator: str,
    cell: Cell,
    steps: str,
    biases: tuple[Tensor, Tensor],
    order: Sequence[int] = (0,),
    further: Sequence[str] = (),
    **attributes: Any,
) -> str:
    """A node of ONNX's own recurrent operators, without the axis of directions.

    Args:
        biases: of the inputs' and of the state's part of every block.
        order: of our blocks as the operator takes them.
        further: its inputs after the biases.
    """
    maps = [reordered(cell.input_weight, order), reordered(cell.recurrent_weight, order)]
    both = torch.cat([reordered(bias, order) for bias in biases])
    inputs = [steps, *(graph.weights(weights.unsqueeze(0)) for weights in (*maps, both)), *further]
    hidden = graph.add(operator, inputs, hidden_size=cell.hidden_size, **attributes)
    return graph.add("Squeeze", [hidden, graph.constant(np.array([1]))])


def reordered(weights: Tensor, order: Sequence[int]) -> Tensor:
    """Weights whose blocks are in another order."""
    blocks = weights.chunk(len(order))
    return torch.cat([blocks[index] for index in order])


def add_lstm(graph: Graph, cell: Any, steps: str) -> str:
    """ONNX's LSTM."""
    return add_node(graph, "LSTM", cell, steps, (cell.bias, torch.zeros_like(cell.bias)), LSTM_ORDER)


def add_peephole_lstm(graph: Graph, cell: Any, steps: str) -> str:
    """ONNX's LSTM with peepholes, of the input, output and forget gate; our order is input, forget, output."""
    peepholes = graph.weights(reordered(cell.peepholes, (0, 2, 1)).unsqueeze(0))
    biases = (cell.bias, torch.zeros_like(cell.bias))
    return add_node(graph, "LSTM", cell, steps, biases, LSTM_ORDER, ["", "", "", peepholes])


def add_gru(graph: Graph, cell: Any, steps: str) -> str:
    """ONNX's GRU in torch's variant, in which the reset gate acts on the product with the state."""
    gates = torch.zeros_like(cell.bias[: 2 * cell.hidden_size])
    biases = (cell.bias, torch.cat([gates, cell.candidate_bias]))
    return add_node(graph, "GRU", cell, steps, biases, GRU_ORDER, linear_before_reset=1)


def add_rnn(graph: Graph, cell: Any, steps: str, activation: str = "Tanh") -> str:
    """ONNX's RNN."""
    return add_node(graph, "RNN", cell, steps, (cell.bias, torch.zeros_like(cell.bias)), activations=[activation])


def add_relu_rnn(graph: Graph, cell: Any, steps: str) -> str:
    """ONNX's RNN with ReLU."""
    return add_rnn(graph, cell, steps, "Relu")


def add_graves_lstm(graph: Graph, cell: Any, steps: str) -> str:
    """A Scan over the step of `GravesLSTM`: ONNX's LSTM has diagonal peepholes alone."""
    weight, bias, recurrent = cell.maps()
    product = graph.add("MatMul", [steps, graph.weights(weight.mT)])
    projected = graph.add("Add", [product, graph.weights(bias)])
    zeros = graph.zeros([graph.axis(steps, 1), graph.constant(np.array([cell.hidden_size]))])
    return graph.scan(graves_step(cell, recurrent), [zeros, zeros], projected)


def graves_step(cell: Any, recurrent: Tensor) -> Any:
    """The body of the Scan: hidden, cell and projected inputs to hidden, cell, and hidden once more to be stacked."""
    from onnx import TensorProto, helper

    body, size = Graph("step_"), cell.hidden_size
    through = body.add("MatMul", ["hidden", body.weights(recurrent.mT)])
    blocks = body.split(body.add("Add", ["projected", through]), 4)
    before, after = cell.peephole_weight.split([2 * size, size])
    into = body.split(body.add("MatMul", ["cell", body.weights(before.mT)]), 2)
    input_gate, forget_gate = (
        body.add("Sigmoid", [body.add("Add", [block, part])]) for block, part in zip(blocks, into, strict=False)
    )
    written = body.add("Mul", [input_gate, body.add("Tanh", [blocks[2]])])
    state = body.add("Add", [body.add("Mul", [forget_gate, "cell"]), written], output="next_cell")
    seen = body.add("MatMul", [state, body.weights(after.mT)])
    output_gate = body.add("Sigmoid", [body.add("Add", [blocks[3], seen])])
    hidden = body.add("Mul", [output_gate, body.add("Tanh", [state])], output="next_hidden")
    body.add("Identity", [hidden], output="stacked")

    def values(name: str, width: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])

    inputs = [values("hidden", size), values("cell", size), values("projected", 4 * size)]
    outputs = [values(name, size) for name in ("next_hidden", "next_cell", "stacked")]
    return helper.make_graph(body.nodes, "step", inputs, outputs, list(body.constants.values()))
