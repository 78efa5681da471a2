"""S seeds of one network, trained as one program: all weights in one ``(seeds, parameters)`` matrix."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import Batch

ALIGNMENT = 16
"""Every parameter starts at a multiple of so many numbers: matrix products round differently at odd addresses, and a
member must not depend on where in the population it lies."""

EVALUATION_STEPS = 2**18
"""Sequence steps, over all members, that `Population.predict` unrolls at once; bounds its memory."""

Loss = Callable[[Tensor, Batch], Tensor]
"""Each member's loss ``(seeds,)`` for outputs and the batch they answer, both with a seeds axis."""


class Population(nn.Module, ABC):
    """The same network with S seeds.

    A population consists of parts, neighbouring members that are computed at once. Training takes one part after the
    other, so that one part's activations are all it needs to hold. How many members a part has changes results by
    rounding at most, where libraries compute what is left over of a vector in another way.

    Attributes:
        weights: ``(seeds, width)``: one row per member. The networks' own parameters are views into it, so that
            optimizers, clipping, freezing and checkpoints act on one tensor; `backward` leaves their gradients in
            ``weights.grad``. Between them lie zeros that never change.
        alive: ``(seeds,)`` booleans; a member that diverged is no longer trained.
    """

    weights: nn.Parameter
    alive: Tensor

    def __init__(self, members: Sequence[nn.Module], networks: Sequence[nn.Module], bounds: Sequence[int]) -> None:
        super().__init__()
        self.layout = {name: p.shape for name, p in members[0].named_parameters() if p.requires_grad}
        rows = [[p.detach() for p in member.parameters() if p.requires_grad] for member in members]
        self.weights = nn.Parameter(torch.stack([self.row(row) for row in rows]))
        self.register_buffer("alive", torch.ones(len(members), dtype=torch.bool))
        self.networks: Any = nn.ModuleList(networks)
        self.parts = [slice(*pair) for pair in itertools.pairwise(bounds)]
        self._gradient = torch.empty(0)
        self._views: list[tuple[list[nn.Parameter], list[Tensor]]] = []

    def __len__(self) -> int:
        return len(self.weights)

    @abstractmethod
    def tie(self) -> None:
        """Make the networks' parameters views into ``weights``."""

    @abstractmethod
    def enter(self, values: Tensor) -> Tensor:
        """What a part's network takes, of inputs with a seeds axis."""

    @abstractmethod
    def leave(self, values: Tensor, count: int) -> Tensor:
        """What ``count`` members' network gave, with their seeds axis."""

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Outputs of every member: ``(seeds, batch, time, input_size)`` to ``(seeds, batch, …)``."""
        own = zip(self.networks, self.parts, strict=True)
        return torch.cat([self._outputs(network, inputs[part], lengths[part]) for network, part in own])

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """The networks' `trace` by name, with a leading ``seeds`` axis."""
        traced = []
        for network, part in zip(self.networks, self.parts, strict=True):
            named = network.trace(self.enter(inputs[part]), self.enter(lengths[part]))
            traced.append({name: self.leave(value, part.stop - part.start) for name, value in named.items()})
        return {name: torch.cat([own[name] for own in traced]) for name in traced[0]}

    @torch.no_grad()
    def predict(self, batch: Batch) -> Tensor:
        """Outputs of every member for stacked data of any size, computed in pieces that fit in memory."""
        piece = max(1, EVALUATION_STEPS // (batch.inputs.shape[0] * batch.inputs.shape[2]))
        pieces = zip(batch.inputs.split(piece, 1), batch.lengths.split(piece, 1), strict=True)
        return torch.cat([self(inputs, lengths) for inputs, lengths in pieces], 1)

    def backward(self, loss: Loss, batch: Batch) -> Tensor:
        """The loss of each member ``(seeds,)``; the gradients by its own weights are left in ``weights.grad``."""
        losses = []
        for network, part, (parameters, slopes) in zip(self.networks, self.parts, self._views, strict=True):
            own = batch.members(part)
            losses.append(loss(self._outputs(network, own.inputs, own.lengths), own))
            found = torch.autograd.grad(losses[-1].sum(), parameters, materialize_grads=True)
            for slope, value in zip(slopes, found, strict=True):
                slope.copy_(value)
        self.weights.grad = self._gradient[: len(self)]
        return torch.cat(losses).detach()

    def _outputs(self, network: nn.Module, inputs: Tensor, lengths: Tensor) -> Tensor:
        return self.leave(network(self.enter(inputs), self.enter(lengths)), len(inputs))

    def _bind(self, network: nn.Module, weights: Tensor, gradient: Tensor) -> None:
        """Make a network's parameters views into rows ``(..., width)``, and know where their gradients go."""
        parameters = [network.get_parameter(name) for name in self.layout]
        for parameter, view in zip(parameters, self.named_views(weights).values(), strict=True):
            parameter.data = view
        self._views.append((parameters, list(self.named_views(gradient).values())))

    @torch.no_grad()
    def take_over(self, groups: Sequence[Population], order: Sequence[int] | None = None) -> None:
        """Become the members of all ``groups``; member i is number ``order[i]`` of theirs, in their order."""
        order = range(len(self)) if order is None else order
        places = [(group, index) for group in groups for index in range(len(group))]
        for row, place in enumerate(order):
            group, index = places[place]
            self.weights[row] = group.weights[index]
            self.alive[row] = group.alive[index]
            self.load_untrained_values(row, group.untrained_values(index))

    def untrained_values(self, member: int) -> dict[str, Tensor]:
        """Buffers, and parameters that are not trained, by name: those of the member's part."""
        own = self.networks[self._part(member)].state_dict()
        return {name: value for name, value in own.items() if name not in self.layout}

    @torch.no_grad()
    def load_untrained_values(self, member: int, values: Mapping[str, Tensor]) -> None:
        """Give the member's part what `untrained_values` gave."""
        own = self.networks[self._part(member)].state_dict()
        for name, value in values.items():
            own[name].copy_(value)

    def _part(self, member: int) -> int:
        """Which part a member is in."""
        return next(index for index, part in enumerate(self.parts) if part.start <= member < part.stop)

    def row(self, parts: Sequence[Tensor]) -> Tensor:
        """Lay one member's parameters side by side: ``(width,)``."""
        return torch.cat([nn.functional.pad(part.flatten(), (0, -part.numel() % ALIGNMENT)) for part in parts])

    def named_views(self, matrix: Tensor) -> dict[str, Tensor]:
        """Cut ``(..., width)`` into the network's parameters by name, ``(..., *shape)`` each, without copying."""
        sizes = [shape.numel() for shape in self.layout.values()]
        parts = matrix.split([size + -size % ALIGNMENT for size in sizes], -1)
        return {
            name: part[..., :size].unflatten(-1, shape)
            for (name, shape), size, part in zip(self.layout.items(), sizes, parts, strict=True)
        }

    def parameters_per_member(self) -> int:
        """How many trained numbers one member has."""
        return sum(shape.numel() for shape in self.layout.values())

    def state(self, member: int, row: Tensor) -> dict[str, Tensor]:
        """The ``state_dict`` of one member's network with the weights ``row`` ``(width,)``."""
        return self.untrained_values(member) | self.named_views(row)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Population:
        super()._apply(fn, recurse)  # moving or casting gives every parameter memory of its own
        self.tie()
        return self
