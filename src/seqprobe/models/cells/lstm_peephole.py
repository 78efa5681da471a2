"""The long short-term memory cell with diagonal peepholes (Gers, Schraudolph and Schmidhuber, 2002)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from seqprobe.models.cells.cell import Cell
from seqprobe.models.initialisation import Initialisation


class PeepholeLSTM(Cell):
    """An LSTM whose gates see their own unit's cell, the output gate the new one; one bias per gate.

    input_gate = sigmoid(W x + U hidden + p · cell + b), forget_gate likewise, candidate = tanh(W x + U hidden + b);
    cell' = forget_gate · cell + input_gate · candidate;
    output_gate = sigmoid(W x + U hidden + p · cell' + b); hidden' = output_gate · tanh(cell').

    Beside `Cell`'s weights: peepholes ``(3 hidden)`` of input, forget and output gate, which start like biases.
    """

    gates: ClassVar = ("input_gate", "forget_gate", "candidate", "output_gate")
    states: ClassVar = ("hidden", "cell")

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.peepholes = nn.Parameter(torch.empty(3 * hidden_size))

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        _, cell = states
        into_input, into_forget, into_output = self.peepholes.unsqueeze(-1).chunk(3, -2)
        input_gate, forget_gate = (blocks[0] + into_input * cell).sigmoid(), (blocks[1] + into_forget * cell).sigmoid()
        candidate = blocks[2].tanh()
        cell = torch.addcmul(forget_gate * cell, input_gate, candidate)
        output_gate = (blocks[3] + into_output * cell).sigmoid()
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
        init.bias(self.peepholes, self.hidden_size, generator)
