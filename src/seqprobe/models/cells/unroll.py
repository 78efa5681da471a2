"""Backpropagation through time for any cell whose step is elementwise: recorded once, not once per time step.

Autograd records every operation of every time step. But a step that works on each unit by itself has a diagonal
Jacobian, which a few large operations give for many time steps at once; what remains to be done step by step is to
multiply and add (Werbos, 1990). Small networks, where operations cost far more than arithmetic, train two to three
times as fast; large ones gain nothing, and use the plain loop.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from seqprobe.models.cells.cell import Cell

SHORTEST = 16
"""Sequences from this length on gain."""


@dataclass(frozen=True)
class Limits:
    """Where `Unroll` gains on a kind of device.

    Attributes:
        largest_state: most numbers of one member's state, over batch and units. The choice must not depend on the
            number of seeds, or a solo run would round differently from the same member of a population.
        block: numbers of one state, over time steps, seeds, units and batch, whose Jacobian is computed at once.
    """

    largest_state: int
    block: int


CPU_LIMITS = Limits(largest_state=64, block=2**15)
"""Measured on one core, for RNN, GRU and LSTM; a block stays in the cache."""
GPU_LIMITS = Limits(largest_state=2**14, block=2**20)
"""Estimated, not measured. Starting an operation takes a GPU about 5 µs, in which it also reads and writes the 12 MB
of an operation on 2**20 numbers: smaller states gain from fewer operations, larger blocks gain nothing."""


def limits(device: torch.device) -> Limits:
    """The limits on a device."""
    return CPU_LIMITS if device.type == "cpu" else GPU_LIMITS


def initial_state(projected: Tensor, hidden: int) -> Tensor:
    """Zeros ``(seeds, hidden, batch)`` for projected inputs ``(time, seeds, blocks · hidden, batch)``."""
    return projected.new_zeros(projected.shape[1], hidden, projected.shape[3])


def split(preactivations: Tensor, hidden: int) -> Tensor:
    """``(seeds, blocks · hidden, batch)`` to ``(blocks, seeds, hidden, batch)``, contiguous."""
    return preactivations.unflatten(1, (-1, hidden)).movedim(1, 0).contiguous()


class Unroll(torch.autograd.Function):
    """``(time, seeds, hidden, batch)`` states from projected inputs ``(time, seeds, blocks · hidden, batch)``."""

    @staticmethod
    def forward(ctx: Any, cell: Cell, projected: Tensor, weight: Tensor | None) -> Tensor:
        hidden = cell.hidden_size
        states = [initial_state(projected, hidden)] * len(cell.states)
        ctx.cell, ctx.blocks, ctx.states = cell, [], [states]
        ctx.save_for_backward(weight)
        for step, at_step in enumerate(projected.unbind()):
            if step and weight is not None:
                at_step = torch.baddbmm(at_step, weight, states[0])
            blocks = split(at_step, hidden)
            values = cell.step(blocks.unbind(), *states)
            states = [values[name] for name in cell.states]
            ctx.blocks.append(blocks)
            ctx.states.append(states)
        return torch.stack([states[0] for states in ctx.states[1:]])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, Tensor | None]:
        """Backpropagation through time (Werbos, 1990): ``delta_t = J_t (dL/dh_t + U^T delta_{t+1})``.

        ``J_t`` is diagonal, so a block of steps gets its factors in one pass of autograd; the recursion over time is
        then one matrix product and a few multiplications per step.
        """
        (weight,), (gradient,) = ctx.saved_tensors, gradients
        steps, count = len(ctx.blocks), len(ctx.cell.states)
        outer = [*gradient.contiguous().unbind()]  # dL/dh_t from outside
        # None: no gradient reaches the other states of the last step, so there is nothing to multiply.
        arriving: list[Tensor | None] = [outer[-1], *[None] * (count - 1)]
        by_step: list[Tensor] = []  # delta_t, the last step first
        by_weight = None if weight is None else torch.zeros_like(weight)
        block = max(1, limits(gradient.device).block // gradient[0].numel())
        for stop in range(steps, 0, -block):
            start = max(0, stop - block)
            jacobian = Jacobian(ctx.cell, ctx.blocks[start:stop], ctx.states[start:stop])
            for step in range(stop - 1, start - 1, -1):
                by_step.append(jacobian.to_preactivations(arriving, step - start))
                if step > 0:
                    through_weight = outer[step - 1]
                    if weight is not None:
                        through_weight = torch.baddbmm(through_weight, weight.mT, by_step[-1])
                    arriving = jacobian.to_states(arriving, step - start, through_weight)
            if by_weight is not None:
                # dL/dU is the sum over steps of delta_t h_{t-1}^T: the block's steps become one long matrix product.
                before = [states[0].mT for states in ctx.states[start:stop]]
                after = [step.mT for step in by_step[: -len(before) - 1 : -1]]
                by_weight.baddbmm_(torch.cat(after, 1).mT, torch.cat(before, 1))
        return None, torch.stack(by_step[::-1]), by_weight


class Jacobian:
    """The diagonal derivatives of every state by every pre-activation and every earlier state, for some time steps."""

    def __init__(self, cell: Cell, blocks: Sequence[Tensor], states: Sequence[Sequence[Tensor]]) -> None:
        with torch.enable_grad():  # backward runs without recording; this small graph is differentiated at once
            inner = [block.requires_grad_() for block in torch.stack(list(blocks), 1).unbind()]
            before = [torch.stack(list(by_time)).requires_grad_() for by_time in zip(*states, strict=True)]
            # (steps, seeds, hidden, batch) looks like (seeds, hidden, batch) to an elementwise step
            values = cell.step(inner, *before)
        # For a diagonal Jacobian, the product with a vector of ones is the diagonal itself.
        one, arguments = torch.ones_like(before[0]), [*inner, *before]
        rows = [
            torch.autograd.grad(values[name], arguments, one, retain_graph=True, allow_unused=True)
            for name in cell.states
        ]
        # Most states depend on a few blocks: each keeps the span of blocks that it uses, and no zeros besides.
        self.spans, self.by_block = [], list[Sequence[Tensor]]()
        for index, row in enumerate(rows):
            used = [i for i in range(len(inner)) if row[i] is not None or index == 0]
            self.spans.append(slice(used[0], used[-1] + 1))
            parts = [zero_if_none(row[i], one) for i in range(used[0], used[-1] + 1)]
            self.by_block.append(torch.stack(parts, 2).unbind())
        self.by_state = [[None if part is None else part.unbind() for part in row[len(inner) :]] for row in rows]

    def to_preactivations(self, arriving: Sequence[Tensor | None], step: int) -> Tensor:
        """Carry gradients by the states to the pre-activations, ``(seeds, blocks · hidden, batch)``."""
        assert arriving[0] is not None
        result = arriving[0].unsqueeze(1) * self.by_block[0][step]
        for gradient, span, factors in zip(arriving[1:], self.spans[1:], self.by_block[1:], strict=True):
            if gradient is not None:
                result[:, span].addcmul_(gradient.unsqueeze(1), factors[step])
        return result.flatten(1, 2)

    def to_states(self, arriving: Sequence[Tensor | None], step: int, other: Tensor) -> list[Tensor | None]:
        """Carry gradients by the states to the earlier states; ``other`` reaches the earlier output by other ways."""
        carried: list[Tensor | None] = [other, *[None] * (len(arriving) - 1)]
        for gradient, row in zip(arriving, self.by_state, strict=True):
            for index, factors in enumerate(row):
                if gradient is not None and factors is not None:
                    total, factor = carried[index], factors[step]
                    carried[index] = gradient * factor if total is None else torch.addcmul(total, gradient, factor)
        return carried


def zero_if_none(part: Tensor | None, like: Tensor) -> Tensor:
    """``part``, or zeros where autograd found no dependence."""
    return torch.zeros_like(like) if part is None else part


def is_elementwise(cell: Cell) -> bool:
    """Whether `Unroll` gives the plain loop's gradients for this cell, tried on a small random example on the CPU.

    False for a step that mixes units, that has weights of its own, or that draws at random: `Jacobian` repeats it.
    """
    with torch.random.fork_rng([]):
        before = torch.get_rng_state()
        return has_equal_gradients(cell) and torch.equal(before, torch.get_rng_state())


def has_equal_gradients(cell: Cell) -> bool:
    """Whether the plain loop and `Unroll` give the same gradients on that example."""
    trial = copy.deepcopy(cell).cpu().double()
    generator = torch.Generator().manual_seed(0)
    for parameter in trial.parameters():
        one_seed = parameter.detach()[:1] if cell.input_weight.dim() == 3 else parameter.detach()
        parameter.data = torch.randn(one_seed.shape, generator=generator, dtype=torch.float64)
    shape = (*trial.input_weight.shape[:-2], 2, 3, cell.input_size)
    inputs = torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)
    gradients = []
    for unroll in (trial.loop, trial.fast):
        try:
            with torch.enable_grad():
                loss = unroll(inputs).square().sum()
            gradients.append(torch.autograd.grad(loss, [inputs, *trial.parameters()], materialize_grads=True))
        except (RuntimeError, TypeError, ValueError, IndexError):  # a step that cannot take a stack of time steps
            return False
    return all(torch.allclose(plain, fast) for plain, fast in zip(*gradients, strict=True))
