"""S seeds of one network, trained as one program: all weights in one ``(seeds, parameters)`` matrix."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import Batch
from seqprobe.models.loss_gradient import Loss
from seqprobe.models.normalised import Normalised, without_units
from seqprobe.models.random_layers import restart_generators
from seqprobe.models.state_gradients import state_gradient_norms

ALIGNMENT = 16
"""Every parameter starts at a multiple of so many numbers: matrix products round differently at odd addresses, and a
member must not depend on its place in the population."""

EVALUATION_STEPS = 2**18
"""Sequence steps, over all members, that `Population.predict` unrolls at once; bounds its memory."""

Gradients = dict[nn.Parameter, Tensor]
"""Where the gradient by each parameter of a part's network is written."""


class Population(nn.Module, ABC):
    """The same network with S seeds.

    A population consists of parts, neighbouring members that are computed at once. Training takes one part after the
    other, so that only one part's activations are in memory. The number of members in a part changes results by
    rounding at most, because libraries compute the remainder of a vector with other instructions.

    Attributes:
        weights: ``(seeds, width)``: one row per member. The networks' own parameters are views into it, so that
            optimizers, clipping, freezing and checkpoints act on one tensor; `backward` leaves their gradients in
            ``weights.grad``. Padding between parameters is zero and never changes.
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
        self._gradients: list[Gradients] = []

    def __len__(self) -> int:
        return len(self.weights)

    @abstractmethod
    def tie_networks(self) -> None:
        """Make the networks' parameters views into ``weights``."""

    @abstractmethod
    def to_network(self, values: Tensor) -> Tensor:
        """Convert a part's inputs, which have a seeds axis, to what its network takes."""

    @abstractmethod
    def from_network(self, values: Tensor, count: int) -> Tensor:
        """Convert the outputs of a network of ``count`` members to one entry per member along the seeds axis."""

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Outputs of every member: ``(seeds, batch, time, input_size)`` to ``(seeds, batch, …)``."""
        parts = zip(self.networks, self.parts, strict=True)
        return torch.cat([self._outputs(network, inputs[part], lengths[part]) for network, part in parts])

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """The networks' `trace` by name, with a leading ``seeds`` axis."""
        traced = []
        for network, part in zip(self.networks, self.parts, strict=True):
            values = network.trace(self.to_network(inputs[part]), self.to_network(lengths[part]))
            traced.append({name: self.from_network(value, part.stop - part.start) for name, value in values.items()})
        return {name: torch.cat([values[name] for values in traced]) for name in traced[0]}

    def state_gradient_norms(self, batch: Batch, loss: Loss) -> Tensor:
        """`state_gradients.state_gradient_norms` of every member, ``(seeds, batch, time)``; for recurrent networks."""
        norms = []
        for network, part in zip(self.networks, self.parts, strict=True):
            piece, count = batch.members(part), part.stop - part.start
            inputs, lengths = self.to_network(piece.inputs), self.to_network(piece.lengths)
            if isinstance(network, Normalised):  # what follows sees the network inside
                inputs = network.normalised_inputs(inputs, lengths)
                piece = replace(piece, targets=network.without_units(piece.targets))

            def losses(outputs: Tensor, piece: Batch = piece, count: int = count) -> Tensor:
                return loss(self.from_network(outputs, count), piece)

            norms.append(self.from_network(state_gradient_norms(network, inputs, lengths, losses), count))
        return torch.cat(norms)

    @torch.no_grad()
    def predict(self, batch: Batch) -> Tensor:
        """Outputs of every member for stacked data of any size, computed in pieces that fit in memory."""
        piece = max(1, EVALUATION_STEPS // (batch.inputs.shape[0] * batch.inputs.shape[2]))
        pieces = zip(batch.inputs.split(piece, 1), batch.lengths.split(piece, 1), strict=True)
        return torch.cat([self(inputs, lengths) for inputs, lengths in pieces], 1)

    def without_units(self, outputs: Tensor, batch: Batch) -> tuple[Tensor, Batch]:
        """Outputs and targets of every member as the training's loss compares them, normalised where networks are."""
        parts = zip(self.networks, self.parts, strict=True)
        pieces = [without_units(network, outputs[part], batch.members(part)) for network, part in parts]
        targets = torch.cat([piece.targets for _, piece in pieces])
        return torch.cat([values for values, _ in pieces]), replace(batch, targets=targets)

    def backward(self, loss: Loss, batch: Batch, numbers: Sequence[int] | None = None) -> Tensor:
        """Each member's loss ``(seeds,)``; its gradient by that member's weights is left in ``weights.grad``.

        The losses of a part are summed: members share no weights, so the sum's gradient holds each member's own.

        Args:
            numbers: one per member; its first member's seeds torch's generators for a part; None leaves them.
        """
        losses = []
        for network, part, gradients in zip(self.networks, self.parts, self._gradients, strict=True):
            if numbers is not None:
                restart_generators(self.weights.device, numbers[part.start])
            losses.append(self.backward_part(network, loss, batch.members(part), gradients))
        self.weights.grad = self._gradient[: len(self)]
        return torch.cat(losses).detach()

    def backward_part(self, network: nn.Module, loss: Loss, batch: Batch, gradients: Gradients) -> Tensor:
        """The losses of a part's members; the gradients of their sum are written into ``gradients``."""
        losses = loss(*without_units(network, self._outputs(network, batch.inputs, batch.lengths), batch))
        found = torch.autograd.grad(losses.sum(), [*gradients], materialize_grads=True)
        for place, gradient in zip(gradients.values(), found, strict=True):
            place.copy_(gradient)
        return losses

    def _outputs(self, network: nn.Module, inputs: Tensor, lengths: Tensor) -> Tensor:
        return self.from_network(network(self.to_network(inputs), self.to_network(lengths)), len(inputs))

    def _bind(self, network: nn.Module, weights: Tensor, gradient: Tensor) -> None:
        """Make a network's parameters views into rows ``(..., width)``, and note where their gradients go."""
        parameters = [network.get_parameter(name) for name in self.layout]
        for parameter, view in zip(parameters, self.named_views(weights).values(), strict=True):
            parameter.data = view
        self._gradients.append(dict(zip(parameters, self.named_views(gradient).values(), strict=True)))

    @torch.no_grad()
    def take_over(self, groups: Sequence[Population], order: Sequence[int] | None = None) -> None:
        """Copy the members of all ``groups``; member i becomes number ``order[i]`` of theirs, in their order."""
        order = range(len(self)) if order is None else order
        places = [(group, index) for group in groups for index in range(len(group))]
        for row, place in enumerate(order):
            group, index = places[place]
            self.weights[row] = group.weights[index]
            self.alive[row] = group.alive[index]
            self.load_untrained_values(row, group.untrained_values(index))

    def untrained_values(self, member: int) -> dict[str, Tensor]:
        """Buffers, and parameters that are not trained, by name: those of the member's part."""
        state = self.networks[self._part(member)].state_dict()
        return {name: value for name, value in state.items() if name not in self.layout}

    @torch.no_grad()
    def load_untrained_values(self, member: int, values: Mapping[str, Tensor]) -> None:
        """Copy ``values``, as `untrained_values` returns them, into the member's part."""
        state = self.networks[self._part(member)].state_dict()
        for name, value in values.items():
            state[name].copy_(value)

    def _part(self, member: int) -> int:
        """The index of the part that a member is in."""
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

    def state(self, member: int, row: Tensor) -> dict[str, Tensor]:
        """The ``state_dict`` of one member's network with the weights ``row`` ``(width,)``."""
        return self.untrained_values(member) | self.named_views(row)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Population:
        super()._apply(fn, recurse)  # moving or casting gives every parameter memory of its own
        self.tie_networks()
        return self
