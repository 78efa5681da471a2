"""S seeds of one network, trained as one program: all weights in one ``(seeds, parameters)`` matrix."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.models.member import NetworkFactory, build_member

ALIGNMENT = 16
"""Every parameter starts at a multiple of so many numbers: matrix products round differently at odd addresses, and a
member must not depend on where in the population it lies."""


class Population(nn.Module, ABC):
    """The same network with S seeds.

    Attributes:
        weights: ``(seeds, width)``: one row per member. The networks' own parameters are views into it, so that
            optimizers, clipping, freezing and checkpoints act on one tensor. Between them lie zeros that never change.
        alive: ``(seeds,)`` booleans; a member that diverged is no longer trained.
    """

    weights: nn.Parameter
    alive: Tensor

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layout = {name: p.shape for name, p in networks[0].named_parameters() if p.requires_grad}
        rows = [[p.detach() for p in network.parameters() if p.requires_grad] for network in networks]
        self.weights = nn.Parameter(torch.stack([self.row(row) for row in rows]))
        self.register_buffer("alive", torch.ones(len(networks), dtype=torch.bool))

    def __len__(self) -> int:
        return len(self.weights)

    @abstractmethod
    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Outputs of every member: ``(seeds, batch, time, input_size)`` to ``(seeds, batch, …)``."""

    @abstractmethod
    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """The networks' `trace` by name, with a leading ``seeds`` axis."""

    @abstractmethod
    def tie(self) -> None:
        """Make the networks' parameters views into ``weights``."""

    @abstractmethod
    def gradient(self, losses: Tensor) -> Tensor:
        """The gradient of each member's loss ``(seeds,)`` by its own weights: ``(seeds, parameters)``."""

    def row(self, parts: Sequence[Tensor]) -> Tensor:
        """Lay parameters (or their gradients), with or without a seeds axis, side by side: ``(..., width)``."""
        shapes = self.layout.values()
        flat = [part.flatten(part.dim() - len(shape)) for part, shape in zip(parts, shapes, strict=True)]
        return torch.cat([nn.functional.pad(part, (0, -part.shape[-1] % ALIGNMENT)) for part in flat], -1)

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

    @abstractmethod
    def untrained_state(self, member: int) -> dict[str, Tensor]:
        """What a member's network keeps beside trained parameters: buffers, and parameters that are not trained."""

    def state(self, member: int, row: Tensor) -> dict[str, Tensor]:
        """The ``state_dict`` of one member's network with the weights ``row`` ``(width,)``."""
        return self.untrained_state(member) | self.named_views(row)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Population:
        super()._apply(fn, recurse)  # moving or casting gives every parameter memory of its own
        self.tie()
        return self


class StackedPopulation(Population):
    """All members in one network whose weights carry the seeds axis: one vectorised step for all.

    A single member is computed twice and read once, because libraries multiply a lone matrix in another order than
    the same matrix among others, and a solo run has to equal the member of a population to the last bit.

    Raises:
        TypeError: the network does not state ``supports_stacking``.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        if not getattr(networks[0], "supports_stacking", False):
            raise TypeError(f"{type(networks[0]).__name__} cannot be stacked: it does not set supports_stacking = True")
        super().__init__(networks)
        self.network: Any = copy.deepcopy(networks[0])
        for name, view in self.named_views(self._rows()).items():
            owner, _, leaf = name.rpartition(".")
            setattr(self.network.get_submodule(owner), leaf, nn.Parameter(view))
        self.tie()

    def _rows(self) -> Tensor:
        """The weights of what is computed: of all members, or of a single one twice."""
        weights = self.weights.detach()
        return weights if len(self) > 1 else weights.expand(2, -1)

    def tie(self) -> None:
        for name, view in self.named_views(self._rows()).items():
            self.network.get_parameter(name).data = view

    def gradient(self, losses: Tensor) -> Tensor:
        parameters = [self.network.get_parameter(name) for name in self.layout]
        parts = torch.autograd.grad(losses.sum(), parameters, materialize_grads=True)
        return self.row(parts)[: len(self)]

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        computed = max(len(self), 2)
        outputs: Tensor = self.network(repeated(inputs, computed), repeated(lengths, computed))
        return outputs[: len(self)]

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        computed = max(len(self), 2)
        traced = self.network.trace(repeated(inputs, computed), repeated(lengths, computed))
        return {name: value[: len(self)] for name, value in traced.items()}

    def untrained_state(self, member: int) -> dict[str, Tensor]:
        return {name: value for name, value in self.network.state_dict().items() if name not in self.layout}


def repeated(values: Tensor, times: int) -> Tensor:
    """A seeds axis of one made ``times`` long without copying; a longer one is left as it is."""
    return values.expand(times, *values.shape[1:])


class LoopedPopulation(Population):
    """A plain module per member, so that any ``nn.Module`` works and fused library kernels are used."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__(networks)
        self.networks = nn.ModuleList(networks)
        self.tie()

    def tie(self) -> None:
        for network, row in zip(self.networks, self.weights.detach(), strict=True):
            for name, view in self.named_views(row).items():
                network.get_parameter(name).data = view

    def gradient(self, losses: Tensor) -> Tensor:
        parameters = [network.get_parameter(name) for network in self.networks for name in self.layout]
        parts = torch.autograd.grad(losses.sum(), parameters, materialize_grads=True)
        per_member = [parts[start : start + len(self.layout)] for start in range(0, len(parts), len(self.layout))]
        return torch.stack([self.row(own) for own in per_member])

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return torch.stack(list(self._each("__call__", inputs, lengths)))

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        traced = list(self._each("trace", inputs, lengths))
        return {name: torch.stack([member[name] for member in traced]) for name in traced[0]}

    def untrained_state(self, member: int) -> dict[str, Tensor]:
        state = self.networks[member].state_dict()
        return {name: value for name, value in state.items() if name not in self.layout}

    def _each(self, method: str, inputs: Tensor, lengths: Tensor) -> Any:
        for network, *own in zip(self.networks, inputs, lengths, strict=True):
            yield getattr(network, method)(*own)


ENGINES: dict[str, type[Population]] = {"stacked": StackedPopulation, "looped": LoopedPopulation}


def build_population(factory: NetworkFactory, seeds: Sequence[int], engine: str) -> Population:
    """Build a population whose member i has the weights that ``seeds[i]`` decides."""
    return ENGINES[engine]([build_member(factory, seed) for seed in seeds])
