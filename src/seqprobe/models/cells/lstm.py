"""The long short-term memory cell (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from seqprobe.models.cells.cell import Cell


class LSTM(Cell):
    """The cell of torch.nn.LSTM, with one bias per gate.

    input_gate, forget_gate, output_gate = sigmoid(W x + U hidden + b), candidate = tanh(W x + U hidden + b);
    cell' = forget_gate · cell + input_gate · candidate; hidden' = output_gate · tanh(cell').
    """

    gates: ClassVar = ("input_gate", "forget_gate", "candidate", "output_gate")
    states: ClassVar = ("hidden", "cell")

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        _, cell = states
        input_gate, forget_gate, output_gate = blocks[0].sigmoid(), blocks[1].sigmoid(), blocks[3].sigmoid()
        candidate = blocks[2].tanh()
        cell = torch.addcmul(forget_gate * cell, input_gate, candidate)
        return {
            "input_gate": input_gate,
            "forget_gate": forget_gate,
            "candidate": candidate,
            "output_gate": output_gate,
            "cell": cell,
            "hidden": output_gate * cell.tanh(),
        }

    def forward(self, inputs: Tensor) -> Tensor:
        """As `Cell.forward`; one seed runs in torch's own fused kernel, which is faster for it than the loop."""
        if self.bias.dim() > 1 or self.truncation is not None:
            return super().forward(inputs)
        # torch.nn.LSTM has two biases that only ever add up; ours is the first, and zeros stand for the second.
        zeros = inputs.new_zeros(1, len(inputs), self.hidden_size)
        weights = [self.input_weight, self.recurrent_weight, self.bias, torch.zeros_like(self.bias)]
        outputs: Tensor = torch.lstm(inputs, (zeros, zeros), weights, True, 1, 0.0, True, False, True)[0]
        return outputs
