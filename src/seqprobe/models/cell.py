"""What a recurrent cell states: its maps, its states, and the equations of one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor, nn

from seqprobe.models.initialisation import Initialisation


def affine(inputs: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """``inputs (..., n, in)`` times ``weight (..., out, in)`` plus ``bias (..., out)``: ``(..., n, out)``."""
    if weight.dim() == 2:
        return nn.functional.linear(inputs, weight, bias)
    return torch.baddbmm(bias.unsqueeze(1), inputs, weight.mT)


class Cell(nn.Module, ABC):
    """One recurrent layer, without a loop over time in its equations.

    Every weight may carry a leading ``seeds`` axis; then so do inputs, states and outputs, and member s of the
    result depends on member s of the weights alone. A new cell names its ``gates`` and writes ``step``.

    Weights, in torch.nn's layout, with the gates' blocks stacked in the order of ``gates``:
        input_weight ``(gates · hidden, input)``, recurrent_weight ``(gates · hidden, hidden)``,
        bias ``(gates · hidden)``.
    """

    gates: ClassVar[tuple[str, ...]]
    """The blocks of the fused maps, in order; a block called ``forget_gate`` takes the forget bias."""
    states: ClassVar[tuple[str, ...]] = ("hidden",)
    """What is carried to the next step, by the names that `step` gives; the first is the layer's output."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        width = len(self.gates) * hidden_size
        self.input_weight = nn.Parameter(torch.empty(width, input_size))
        self.recurrent_weight = nn.Parameter(torch.empty(width, hidden_size))
        self.bias = nn.Parameter(torch.empty(width))

    @abstractmethod
    def step(self, projected: Tensor, *states: Tensor) -> dict[str, Tensor]:
        """One step: every gate, candidate and state by name, ``(..., batch, hidden)`` each.

        Args:
            projected: the input's part of all gates, bias included, ``(..., batch, gates · hidden)``.
            states: the states after the step before, in the order of ``states``; zeros at first.
        """

    def recur(self, projected: Tensor, hidden: Tensor) -> Tensor:
        """Add the hidden state's part to ``projected``, for all gates in one product."""
        if hidden.dim() == 2:
            return torch.addmm(projected, hidden, self.recurrent_weight.mT)
        return torch.baddbmm(projected, hidden, self.recurrent_weight.mT)

    def project(self, inputs: Tensor) -> Tensor:
        """The inputs' part of all gates at all steps, time-major: ``(time, ..., batch, gates · hidden)``."""
        time_major = inputs.movedim(-2, -3)  # (..., time, batch, features)
        projected = affine(time_major.flatten(-3, -2), self.input_weight, self.bias)
        split: Tensor = projected.unflatten(-2, time_major.shape[-3:-1])
        return split.movedim(-3, 0).contiguous()

    def steps(self, inputs: Tensor) -> Iterator[dict[str, Tensor]]:
        """Unroll over ``inputs (..., batch, time, input)`` from zero states: what `step` returns, per time step."""
        projected = self.project(inputs)
        states = [projected.new_zeros(*projected.shape[1:-1], self.hidden_size)] * len(self.states)
        for at_step in projected.unbind():
            named = self.step(at_step, *states)
            states = [named[name] for name in self.states]
            yield named

    def forward(self, inputs: Tensor) -> Tensor:
        """The layer's output at every step, ``(..., batch, time, hidden)``."""
        return torch.stack([named[self.states[0]] for named in self.steps(inputs)], -2)

    def trace(self, inputs: Tensor) -> dict[str, Tensor]:
        """Every gate, candidate and state by name at every step, ``(..., batch, time, hidden)`` each."""
        steps = list(self.steps(inputs))
        return {name: torch.stack([named[name] for named in steps], -2) for name in steps[0]}

    def reset_parameters(self, init: Initialisation, forget_bias: float | None, generator: torch.Generator) -> None:
        """Draw new weights; ``forget_bias`` overrides what ``init`` gives forget gates."""
        init.input_map(self.input_weight, self.hidden_size, generator)
        init.recurrent_map(self.recurrent_weight, self.hidden_size, generator)
        init.bias(self.bias, self.hidden_size, generator)
        if forget_bias is None:
            forget_bias = init.forget_bias
        if "forget_gate" in self.gates and forget_bias is not None:
            start = self.gates.index("forget_gate") * self.hidden_size
            nn.init.constant_(self.bias[start : start + self.hidden_size], forget_bias)
