"""The engines that compute a population: all weights stacked, stacked with compiled layers, or a network per member."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.models.cells.cell import Cell
from seqprobe.models.compiled.obstacle import compiling_obstacle
from seqprobe.models.loss_gradient import Loss, by_autograd, with_gradient
from seqprobe.models.member import NetworkFactory, build_member
from seqprobe.models.normalised import Normalised, without_units
from seqprobe.models.population import Gradients, Population
from seqprobe.scaling import Scaling


class StackedPopulation(Population):
    """Networks whose weights carry the seeds axis: one vectorised step for all members of a part.

    A lone member is computed twice and read once, because libraries multiply a lone matrix in another order than
    the same matrix among others, and a solo run has to equal the member of a population to the last bit.

    Args:
        members: one network per seed.
        at_once: most members in one part; None puts all into one. No part of several has a single member.

    Raises:
        TypeError: the network does not state ``supports_stacking``.
    """

    def __init__(self, members: Sequence[nn.Module], at_once: int | None = None) -> None:
        if not getattr(members[0], "supports_stacking", False):
            raise TypeError(f"{type(members[0]).__name__} cannot be stacked: it does not set supports_stacking = True")
        count = len(members)
        parts = max(1, min(-(-count // (at_once or count)), count // 2))
        bounds = [count * index // parts for index in range(parts + 1)]
        super().__init__(members, [copy.deepcopy(members[0]) for _ in range(parts)], bounds)
        for network, part in zip(self.networks, self.parts, strict=True):
            for name, view in self.named_views(self._rows()[part]).items():
                owner, _, leaf = name.rpartition(".")
                # A plain parameter of the member's shape becomes one with a seeds axis; `tie_networks` fills it.
                setattr(network.get_submodule(owner), leaf, nn.Parameter(view))
            for name in member_buffers(network):
                rows = torch.stack([members[row].get_buffer(name) for row in self._computed(part)])
                setattr(network, name, rows)
        self.tie_networks()

    def _computed(self, part: slice) -> list[int]:
        """The member behind each row that a part computes: a lone member's twice."""
        return list(range(len(self)))[part] if len(self) > 1 else [0, 0]

    def untrained_values(self, member: int) -> dict[str, Tensor]:
        values, index = super().untrained_values(member), self._part(member)
        row = member - self.parts[index].start
        return values | {name: values[name][row] for name in member_buffers(self.networks[index])}

    def load_untrained_values(self, member: int, values: Mapping[str, Tensor]) -> None:
        index = self._part(member)
        network, computed = self.networks[index], self._computed(self.parts[index])
        rows = {name: network.get_buffer(name).clone() for name in member_buffers(network)}
        for name, buffer in rows.items():
            buffer[[place for place, row in enumerate(computed) if row == member]] = values[name].to(buffer)
        super().load_untrained_values(member, {**values, **rows})

    def _rows(self) -> Tensor:
        """The weights that are computed with: all members' or, for a lone member, its weights twice."""
        weights = self.weights.detach()
        return weights if len(self) > 1 else weights.expand(2, -1)

    def tie_networks(self) -> None:
        rows = self._rows()
        self._gradient, self._gradients = torch.zeros(rows.shape, dtype=rows.dtype, device=rows.device), []
        for network, part in zip(self.networks, self.parts, strict=True):
            computed = part if len(self) > 1 else slice(2)
            self._bind(network, rows[computed], self._gradient[computed])

    def to_network(self, values: Tensor) -> Tensor:
        return values if len(values) > 1 else values.expand(2, *values.shape[1:])

    def from_network(self, values: Tensor, count: int) -> Tensor:
        return values[:count]


class LoopedPopulation(Population):
    """A plain module per member, so that any ``nn.Module`` works and fused library kernels are used."""

    def __init__(self, members: Sequence[nn.Module], at_once: int | None = None) -> None:
        super().__init__(members, members, range(len(members) + 1))
        self.tie_networks()

    def tie_networks(self) -> None:
        self._gradient, self._gradients = torch.zeros_like(self.weights), []
        for network, weights, gradient in zip(self.networks, self.weights.detach(), self._gradient, strict=True):
            self._bind(network, weights, gradient)

    def to_network(self, values: Tensor) -> Tensor:
        return values[0]

    def from_network(self, values: Tensor, count: int) -> Tensor:
        return values.unsqueeze(0)


class CompiledPopulation(StackedPopulation):
    """A stacked population whose recurrent layers are machine code: whole sequences, forward and backward.

    Args:
        members, at_once: as for `StackedPopulation`.

    Raises:
        InvalidValue: a layer cannot be compiled here.
    """

    def __init__(self, members: Sequence[nn.Module], at_once: int | None = None) -> None:
        super().__init__(members, at_once)
        obstacle = compiling_obstacle(self.networks[0])
        if obstacle:
            raise InvalidValue("engine", "compiled", obstacle)
        from seqprobe.models.compiled.compiled_cell import CompiledCell  # with LLVM, which not every process needs

        for cell in self.modules():
            if isinstance(cell, Cell):
                cell.compiled = CompiledCell(cell)

    def backward_part(self, network: nn.Module, loss: Loss, batch: Batch, gradients: Gradients) -> Tensor:
        from seqprobe.models.compiled.network_gradients import is_written_out, network_gradients

        inner = network.network if isinstance(network, Normalised) else network
        if not is_written_out(inner):
            return super().backward_part(network, loss, batch, gradients)
        inputs, lengths = self.to_network(batch.inputs), self.to_network(batch.lengths)
        if isinstance(network, Normalised):
            inputs = network.normalised_inputs(inputs, lengths)
        losses = partial(self.losses_with_gradient, network, loss, batch)
        return network_gradients(inner, inputs, lengths, losses, gradients)

    def losses_with_gradient(
        self, network: nn.Module, loss: Loss, batch: Batch, outputs: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The losses of a part's members, and the gradient of their sum by ``outputs``.

        Args:
            outputs: of the network itself or, if it is `Normalised`, of the network inside.
        """
        count = len(batch.inputs)
        if not isinstance(network, Normalised):
            losses, gradient = with_gradient(loss, self.from_network(outputs, count), batch)
            return losses, self.to_network(gradient)

        def of_inner(outputs: Tensor) -> Tensor:
            in_units = self.from_network(network.with_units(outputs), count)
            return loss(*without_units(network, in_units, batch))

        return by_autograd(of_inner, outputs)


def member_buffers(network: nn.Module) -> Sequence[str]:
    """The names of a network's buffers that differ between members."""
    return network.member_buffers if isinstance(network, Normalised) else ()


def codes_to_compile(population: Population, batch: int, dtype: torch.dtype) -> int:
    """How many of a compiled population's layers, not counting equal ones, have no machine code yet."""
    layers = [(module.compiled, len(module.bias)) for module in population.modules() if isinstance(module, Cell)]
    keys = {layer.missing_key(seeds, batch, dtype) for layer, seeds in layers if layer is not None}
    return len(keys - {None})


ENGINES: dict[str, type[StackedPopulation] | type[LoopedPopulation]] = {
    "stacked": StackedPopulation,
    "looped": LoopedPopulation,
    "compiled": CompiledPopulation,
}


def build_population(
    factory: NetworkFactory,
    seeds: Sequence[int],
    engine: str,
    at_once: int | None = None,
    scalings: Sequence[Scaling] = (),
) -> Population:
    """Build a population whose member i has the weights that ``seeds[i]`` decides.

    ``at_once`` bounds how many members the stacked engine computes together, and with it the memory it needs.
    ``scalings`` has one for each seed where the factory builds `Normalised` networks.
    """
    members = [build_member(factory, seed) for seed in seeds]
    for member, scaling in zip(members, scalings, strict=False):
        assert isinstance(member, Normalised)
        member.set_scaling(scaling)
    return ENGINES[engine](members, at_once)
