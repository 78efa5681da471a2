"""The gated recurrent unit (Cho et al., 2014), in the variant that torch.nn and cuDNN compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from seqprobe.models.cells.cell import Cell
from seqprobe.models.initialisation import Initialisation


class GRU(Cell):
    """The cell of torch.nn.GRU, with one bias per gate and one for the hidden state's part of the candidate.

    reset_gate, update_gate = sigmoid(W x + U hidden + b);
    candidate = tanh(W x + b + reset_gate · (U hidden + candidate_bias));
    hidden' = (1 - update_gate) · candidate + update_gate · hidden.
    """

    gates: ClassVar = ("reset_gate", "update_gate", "candidate")

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.candidate_bias = nn.Parameter(torch.empty(hidden_size))

    def maps(self) -> tuple[Tensor, Tensor, Tensor]:
        """Four blocks: `step` multiplies the candidate's recurrent part, not its input part, by the reset gate."""
        # Zero weights separate the two parts, so that one matrix product still computes all blocks.
        gates, candidate = self.recurrent_weight.split([2 * self.hidden_size, self.hidden_size], -2)
        nothing = torch.zeros_like(candidate)
        return (
            torch.cat([self.input_weight, torch.zeros_like(self.input_weight[..., : self.hidden_size, :])], -2),
            torch.cat([self.bias, self.candidate_bias], -1),
            torch.cat([gates, nothing, candidate], -2),
        )

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        (hidden,) = states
        reset_gate, update_gate = blocks[0].sigmoid(), blocks[1].sigmoid()
        candidate = torch.addcmul(blocks[2], reset_gate, blocks[3]).tanh()
        hidden = torch.lerp(candidate, hidden, update_gate)
        return {"reset_gate": reset_gate, "update_gate": update_gate, "candidate": candidate, "hidden": hidden}

    def reset_parameters(self, init: Initialisation, forget_bias: float | None, generator: torch.Generator) -> None:
        super().reset_parameters(init, forget_bias, generator)
        init.bias(self.candidate_bias, self.hidden_size, generator)
