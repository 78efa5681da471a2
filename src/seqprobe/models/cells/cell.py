"""What a recurrent cell states: its maps, its states, and the equations of one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from seqprobe.checks import InvalidValue
from seqprobe.models.cells.unroll import SHORTEST, Unroll, initial_state, is_elementwise, limits
from seqprobe.models.initialisation import Initialisation, TorchInitialisation

if TYPE_CHECKING:
    from seqprobe.models.compiled.compiled_cell import CompiledCell


class Cell(nn.Module, ABC):
    """One recurrent layer, without a loop over time in its equations.

    A new cell names its ``gates`` and writes ``step``; its docstring states the equations in the names that ``step``
    returns, their source, and weights beside those below. Every weight may carry a leading ``seeds`` axis; then so do
    inputs and outputs, and member s of the result depends on member s of the weights alone.

    Weights, in torch.nn's layout, with the gates' blocks stacked in the order of ``gates``:
        input_weight ``(gates · hidden, input)``, recurrent_weight ``(gates · hidden, hidden)``,
        bias ``(gates · hidden)``.

    By itself, a cell is built, given weights by `draw_weights`, and called with whole sequences, traced, or stepped by
    `advance`.
    """

    recurrent_weight: nn.Parameter
    """None in a cell that is not ``recurrent``."""
    recurrent: ClassVar[bool] = True
    """Whether the blocks have the part U hidden; if not, there is no recurrent weight, as in a minGRU."""
    gates: ClassVar[tuple[str, ...]]
    """The blocks of the fused maps, in order; a block called ``forget_gate`` takes the forget bias."""
    states: ClassVar[tuple[str, ...]] = ("hidden",)
    """Names, as `step` returns them, of what is carried to the next step; the first is the layer's output."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        for key in ("gates", "states"):
            names = getattr(self, key)
            if not isinstance(names, tuple | list) or len(set(names)) < len(names):
                raise InvalidValue(f"{type(self).__name__}.{key}", names, "must be a tuple of different names")
        self.input_size = input_size
        self.hidden_size = hidden_size
        width = len(self.gates) * hidden_size
        self.input_weight = nn.Parameter(torch.empty(width, input_size))
        recurrent_weight = nn.Parameter(torch.empty(width, hidden_size)) if self.recurrent else None
        self.register_parameter("recurrent_weight", recurrent_weight)
        self.bias = nn.Parameter(torch.empty(width))
        self.truncation: int | None = None
        """Steps in a stretch through which gradients are carried back; None: through all of them."""
        self._elementwise: bool | None = None
        self.compiled: CompiledCell | None = None
        """Computes `forward` instead, where it can; set by the engine ``compiled``."""

    @abstractmethod
    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        """One step: every gate, candidate and state by name, ``(seeds, hidden, batch)`` each.

        Args:
            blocks: W x + U hidden + b, one ``(seeds, hidden, batch)`` block per gate; W x + b in a cell that is not
                ``recurrent``.
            states: the states after the step before, in the order of ``states``; zeros at first.
        """

    def maps(self) -> tuple[Tensor, Tensor, Tensor]:
        """Input weight, bias and recurrent weight of the blocks that `step` takes: by default one block per gate."""
        return self.input_weight, self.bias, self.recurrent_weight

    def project(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the loop over time needs, both with a seeds axis, of length 1 where the weights have none.

        Units come before the batch, so that each gate's block is one stretch of memory per seed.

        Returns:
            The inputs' part of all blocks at all steps, ``(time, seeds, blocks · hidden, batch)``, and the recurrent
            weight, ``(seeds, blocks · hidden, hidden)``, or None where there is none.
        """
        weight, bias, recurrent = self.maps()
        if weight.dim() == 2:
            inputs, weight, bias = (part.unsqueeze(0) for part in (inputs, weight, bias))
            recurrent = recurrent.unsqueeze(0) if self.recurrent else recurrent
        columns = inputs.permute(0, 3, 2, 1)  # (seeds, features, time, batch)
        projected = torch.baddbmm(bias.unsqueeze(-1), weight, columns.flatten(2))
        return projected.unflatten(-1, columns.shape[2:]).movedim(2, 0), recurrent

    def steps(self, inputs: Tensor, truncation: int | None = None) -> Iterator[dict[str, Tensor]]:
        """Unroll over ``inputs (..., batch, time, input)`` from zero states: what `step` returned, per time step.

        Args:
            truncation: steps after which gradients no longer reach the states before; None: they always do.
        """
        projected, recurrent = self.project(inputs)
        states = [initial_state(projected, self.hidden_size)] * len(self.states)
        for step, at_step in enumerate(projected.unbind()):
            if truncation is not None and step % truncation == 0:
                states = [state.detach() for state in states]
            # U hidden is zero at the first step; leaving it out is exact and saves a matrix product.
            if step and recurrent is not None:
                at_step = torch.baddbmm(at_step, recurrent, states[0])
            values = self.step(at_step.split(self.hidden_size, 1), *states)
            states = [values[name] for name in self.states]
            yield values

    def forward(self, inputs: Tensor) -> Tensor:
        """The layer's output at every step, ``(..., batch, time, hidden)``."""
        if self.compiled is not None and self.compiled.computes_on(self, inputs.device.type):
            return self.compiled(self, inputs)
        if self.truncation is not None and torch.is_grad_enabled():
            return self.loop(inputs, self.truncation)
        # Short sequences and large states gain nothing from `Unroll`, and without gradients there is nothing to save.
        small = inputs.shape[-3] * self.hidden_size <= limits(inputs.device).largest_state
        if not (small and inputs.shape[-2] >= SHORTEST and torch.is_grad_enabled()):
            return self.loop(inputs)
        if self._elementwise is None:
            self._elementwise = is_elementwise(self)
        return self.fast(inputs) if self._elementwise else self.loop(inputs)

    def loop(self, inputs: Tensor, truncation: int | None = None) -> Tensor:
        """`forward` with every operation of every step recorded."""
        hidden = torch.stack([values[self.states[0]] for values in self.steps(inputs, truncation)])
        if hidden.requires_grad:
            # Gradients arrive transposed; made contiguous once here, they need no copy at every time step.
            hidden.register_hook(torch.Tensor.contiguous)
        return self._with_time(hidden)

    def fast(self, inputs: Tensor) -> Tensor:
        """`forward` with backpropagation through time written out, for elementwise steps."""
        hidden: Tensor = Unroll.apply(self, *self.project(inputs))
        return self._with_time(hidden)

    def _with_time(self, hidden: Tensor) -> Tensor:
        """``(time, seeds, hidden, batch)`` to ``(..., batch, time, hidden)``."""
        by_batch = hidden.permute(1, 3, 0, 2)
        return by_batch if self.input_weight.dim() == 3 else by_batch.squeeze(0)

    def trace(self, inputs: Tensor) -> dict[str, Tensor]:
        """Every gate, candidate and state by name at every step, ``(..., batch, time, hidden)`` each."""
        steps = list(self.steps(inputs))
        return {name: self._with_time(torch.stack([values[name] for values in steps])) for name in steps[0]}

    def advance(self, inputs: Tensor, states: Sequence[Tensor] = ()) -> dict[str, Tensor]:
        """One step from ``inputs (..., batch, input)``: every gate, candidate and state, ``(..., batch, hidden)`` each.

        Args:
            states: ``(..., batch, hidden)`` each, in the order of ``states``; zeros by default.
        """
        projected, recurrent = self.project(inputs.unsqueeze(-2))
        before = [state.mT if state.dim() == 3 else state.mT.unsqueeze(0) for state in states]
        before = before or [initial_state(projected, self.hidden_size)] * len(self.states)
        blocks = projected[0] if recurrent is None else torch.baddbmm(projected[0], recurrent, before[0])
        values = self.step(blocks.split(self.hidden_size, 1), *before)
        return {name: self._with_time(value.unsqueeze(0)).squeeze(-2) for name, value in values.items()}

    @torch.no_grad()
    def draw_weights(self, generator: torch.Generator) -> Cell:
        """Draw weights as torch.nn does, for a cell that is used by itself; returns the cell."""
        self.reset_parameters(TorchInitialisation(), None, generator)
        return self

    def reset_parameters(self, init: Initialisation, forget_bias: float | None, generator: torch.Generator) -> None:
        """Draw new weights; ``forget_bias`` overrides what ``init`` gives forget gates."""
        init.input_map(self.input_weight, self.hidden_size, generator)
        if self.recurrent:
            init.recurrent_map(self.recurrent_weight, self.hidden_size, generator)
        init.bias(self.bias, self.hidden_size, generator)
        if forget_bias is None:
            forget_bias = init.forget_bias
        if "forget_gate" in self.gates and forget_bias is not None:
            start = self.gates.index("forget_gate") * self.hidden_size
            nn.init.constant_(self.bias[start : start + self.hidden_size], forget_bias)
