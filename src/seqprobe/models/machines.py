"""Networks whose weights are written by hand: post 2's counter, and the turnstile that it leads to.

Both start from the same weights with every seed. They can be trained like any other network.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch

from seqprobe.checks import InvalidValue
from seqprobe.models.cells.rnn import ReLURNN
from seqprobe.models.recurrent import RecurrentNetwork

NEXT = ((1, 0), (2, 1), (2, 0))
"""The state after each state (locked, one coin, unlocked) and symbol (coin, push)."""
UNLOCKED, PUSH, WAIT, WALK = 2, 1, 0, 1
SHARPNESS = 40.0
"""Logit of WALK when it is right; large enough for probabilities of nearly 0 and 1."""


class HandWritten(RecurrentNetwork):
    """ReLU units with a dense read-out, for inputs (coin, push) and answers (WAIT, WALK).

    Raises:
        InvalidValue: the task has other sizes, or one answer per sequence.
    """

    hidden_size: int
    readout: Any

    def __init__(self, input_size: int, output_size: int, kind: str, max_length: int) -> None:
        if (input_size, output_size, kind) != (2, 2, "seq2seq"):
            sizes = f"{input_size} inputs, {output_size} outputs, {kind}"
            raise InvalidValue("_target_", type(self).__name__, f"is written for task=turnstile, not for {sizes}")
        super().__init__(input_size, output_size, kind, max_length, ReLURNN, hidden_size=self.hidden_size)


class TurnstileMachine(HandWritten):
    """The two-coin turnstile, exactly, in six units.

    Unit (state, symbol) is 1 when the turnstile was in ``state`` and reads ``symbol``, else 0:
    max(0, state + symbol - 1). A state is the sum of the units that lead to it. Only the locked state, which an
    all-zero start has to mean, is the absence of the others: max(0, symbol - one coin - unlocked). WALK is unit
    (unlocked, push).
    """

    hidden_size = 6

    @torch.no_grad()
    def reset_parameters(self, generator: torch.Generator) -> None:
        (layer,) = self.layers
        for weights in self.parameters():
            weights.zero_()
        units = list(itertools.product(range(3), range(2)))
        for row, (state, symbol) in enumerate(units):
            layer.input_weight[row, symbol] = 1
            layer.bias[row] = 0 if state == 0 else -1
            for column, before in enumerate(units):
                reached = NEXT[before[0]][before[1]]
                if state == 0 and reached > 0:
                    layer.recurrent_weight[row, column] = -1
                elif state > 0 and reached == state:
                    layer.recurrent_weight[row, column] = 1
        self.readout.weight[WALK, units.index((UNLOCKED, PUSH))] = SHARPNESS
        self.readout.bias[WAIT] = SHARPNESS / 2


class Counter(HandWritten):
    """Post 2's counter, hidden' = max(0, hidden + x): unit 1 counts the coins, unit 2 counts the pushes.

    The post lets the second component count the passages; strictly, it counts every push. It counts, it does not solve
    the turnstile: its readout always answers WAIT.
    """

    hidden_size = 2

    @torch.no_grad()
    def reset_parameters(self, generator: torch.Generator) -> None:
        (layer,) = self.layers
        for weights in self.parameters():
            weights.zero_()
        layer.input_weight.copy_(torch.eye(2))
        layer.recurrent_weight.copy_(torch.eye(2))
        self.readout.bias[WAIT] = SHARPNESS / 2
