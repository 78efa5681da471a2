"""The long short-term memory cell of Graves (2013, "Generating sequences with recurrent neural networks", eq. 7-11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from seqprobe.models.cells.cell import Cell
from seqprobe.models.initialisation import Initialisation


class GravesLSTM(Cell):
    """An LSTM whose gates see the cell through full matrices, the output gate the new one.

    input_gate = sigmoid(Wxi x + Whi hidden + Wci cell + b) (7); forget_gate likewise (8);
    cell' = forget_gate · cell + input_gate · tanh(Wxc x + Whc hidden + b) (9);
    output_gate = sigmoid(Wxo x + Who hidden + Wco cell' + b) (10); hidden' = output_gate · tanh(cell') (11).

    As in post 1, each of the eleven linear maps has a bias of its own: those of one gate only ever add up, but gradient
    descent moves every one of them. Beside `Cell`'s weights: recurrent_bias ``(4 hidden)``, peephole_weight
    ``(3 hidden, hidden)`` and peephole_bias ``(3 hidden)`` of input, forget and output gate. Peepholes start like
    recurrent maps; a forget bias goes into ``bias`` alone.
    """

    gates: ClassVar = ("input_gate", "forget_gate", "candidate", "output_gate")
    states: ClassVar = ("hidden", "cell")

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.recurrent_bias = nn.Parameter(torch.empty(4 * hidden_size))
        self.peephole_weight = nn.Parameter(torch.empty(3 * hidden_size, hidden_size))
        self.peephole_bias = nn.Parameter(torch.empty(3 * hidden_size))

    def maps(self) -> tuple[Tensor, Tensor, Tensor]:
        into_input, into_forget, into_output = self.peephole_bias.chunk(3, -1)
        nothing = torch.zeros_like(into_input)
        # All biases of a gate are added here once, but stay separate parameters: gradient descent moves each of them.
        bias = self.bias + self.recurrent_bias + torch.cat([into_input, into_forget, nothing, into_output], -1)
        return self.input_weight, bias, self.recurrent_weight

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        _, cell = states
        before, after = self.peephole_weight.split([2 * self.hidden_size, self.hidden_size], -2)
        into_input, into_forget = (before @ cell).chunk(2, 1)
        input_gate, forget_gate = (blocks[0] + into_input).sigmoid(), (blocks[1] + into_forget).sigmoid()
        candidate = blocks[2].tanh()
        cell = torch.addcmul(forget_gate * cell, input_gate, candidate)
        output_gate = (blocks[3] + after @ cell).sigmoid()
        return {
            "input_gate": input_gate,
            "forget_gate": forget_gate,
            "candidate": candidate,
            "output_gate": output_gate,
            "cell": cell,
            "hidden": output_gate * cell.tanh(),
        }

    def reset_parameters(self, init: Initialisation, forget_bias: float | None, generator: torch.Generator) -> None:
        super().reset_parameters(init, forget_bias, generator)
        init.bias(self.recurrent_bias, self.hidden_size, generator)
        init.recurrent_map(self.peephole_weight, self.hidden_size, generator)
        init.bias(self.peephole_bias, self.hidden_size, generator)
