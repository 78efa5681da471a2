"""S seeds of one network, trained as one program: all weights in one ``(seeds, parameters)`` matrix."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.seeds import generator

NetworkFactory = Callable[[], nn.Module]
"""Builds one untrained network; ``network(inputs, lengths)`` takes ``(batch, time, input_size)`` and ``(batch,)``."""


def build_member(factory: NetworkFactory, seed: int) -> nn.Module:
    """Build the network whose weights ``seed`` alone decides, whatever layers it is made of.

    A network with ``reset_parameters(generator)`` draws its weights there; other modules draw theirs when they are
    built, from torch's global generator, which is seeded for just that long and then put back.
    """
    weights = generator(seed, "weights")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(weights.initial_seed())
        network = factory()
    if callable(reset := getattr(network, "reset_parameters", None)):
        reset(weights)
    return network


class Population(nn.Module, ABC):
    """The same network with S seeds.

    Attributes:
        weights: ``(seeds, parameters)``: one row per member. The networks' own parameters are views into it, so that
            optimizers, clipping, freezing and checkpoints act on one tensor.
        alive: ``(seeds,)`` booleans; a member that diverged is no longer trained.
    """

    weights: nn.Parameter
    alive: Tensor

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layout = {name: p.shape for name, p in networks[0].named_parameters() if p.requires_grad}
        rows = [[p.detach().flatten() for p in network.parameters() if p.requires_grad] for network in networks]
        self.weights = nn.Parameter(torch.stack([torch.cat(row) for row in rows]))
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

    def named_views(self, matrix: Tensor) -> dict[str, Tensor]:
        """Cut ``(..., parameters)`` into the network's parameters by name, ``(..., *shape)`` each, without copying."""
        parts = matrix.split([shape.numel() for shape in self.layout.values()], -1)
        return {name: part.unflatten(-1, shape) for (name, shape), part in zip(self.layout.items(), parts, strict=True)}

    def parameters_per_member(self) -> int:
        """How many trained numbers one member has."""
        return self.weights.shape[1]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Population:
        super()._apply(fn, recurse)  # moving or casting gives every parameter memory of its own
        self.tie()
        return self


class StackedPopulation(Population):
    """All members in one network whose weights carry the seeds axis: one vectorised step for all.

    Raises:
        TypeError: the network does not state ``supports_stacking``.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        if not getattr(networks[0], "supports_stacking", False):
            raise TypeError(f"{type(networks[0]).__name__} cannot be stacked: it does not set supports_stacking = True")
        super().__init__(networks)
        self.network: Any = copy.deepcopy(networks[0])
        for name, view in self.named_views(self.weights.detach()).items():
            owner, _, leaf = name.rpartition(".")
            setattr(self.network.get_submodule(owner), leaf, nn.Parameter(view))
        self.tie()

    def tie(self) -> None:
        for name, view in self.named_views(self.weights.detach()).items():
            self.network.get_parameter(name).data = view

    def gradient(self, losses: Tensor) -> Tensor:
        parameters = [self.network.get_parameter(name) for name in self.layout]
        parts = torch.autograd.grad(losses.sum(), parameters, materialize_grads=True)
        return torch.cat([part.flatten(1) for part in parts], 1)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        outputs: Tensor = self.network(inputs, lengths)
        return outputs

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        traced: dict[str, Tensor] = self.network.trace(inputs, lengths)
        return traced


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
        return torch.cat([part.flatten() for part in parts]).view_as(self.weights)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return torch.stack(list(self._each("__call__", inputs, lengths)))

    def trace(self, inputs: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        traced = list(self._each("trace", inputs, lengths))
        return {name: torch.stack([member[name] for member in traced]) for name in traced[0]}

    def _each(self, method: str, inputs: Tensor, lengths: Tensor) -> Any:
        for network, *own in zip(self.networks, inputs, lengths, strict=True):
            yield getattr(network, method)(*own)


ENGINES: dict[str, type[Population]] = {"stacked": StackedPopulation, "looped": LoopedPopulation}


def build_population(factory: NetworkFactory, seeds: Sequence[int], engine: str) -> Population:
    """Build a population whose member i has the weights that ``seeds[i]`` decides."""
    return ENGINES[engine]([build_member(factory, seed) for seed in seeds])
