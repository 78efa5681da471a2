"""The values of a few units in a step, in registers: known, read from memory, or computed from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seqprobe.models.compiled.memory_layout import Matrix
from seqprobe.models.compiled.vector_code import Integer

if TYPE_CHECKING:
    from seqprobe.models.compiled.sequence_code import SequenceCode


def tile_size(accumulators: int) -> int:
    """Rows in a tile that keeps registers and pipelines busy, of so many accumulators each."""
    return max(1, 16 // accumulators)


class Tile:
    """The values of some neighbouring units in a step, for every sequence of the group: lists, unit by unit.

    Args:
        now: start of the step's kept vectors, without the group's factor.
        unit, count: the first of the units, and how many they are.
    """

    def __init__(self, sequence: SequenceCode, now: Integer, unit: Integer, count: int) -> None:
        self.sequence, self.code, self.layout = sequence, sequence.code, sequence.layout
        self.now, self.unit, self.count = now, unit, count
        self.values: dict[int, list[Any]] = {}

    def value(self, index: int) -> list[Any]:
        """The values of a node: known, kept, or computed from those of others."""
        if index not in self.values:
            self.values[index] = self._read(index)
        return self.values[index]

    def _read(self, index: int) -> list[Any]:
        plan = self.layout.plan
        node = plan.nodes[index]
        if node.operation == "constant":
            return [self.code.constant(node.number)] * (self.count * self.layout.group)
        if node.operation == "weight":
            return self.by_unit(self.layout.unit_weights + node.place[0] * self.layout.units)
        if node.operation == "state":
            return self.load(self.sequence.kept, self.now + (self.layout.state(node.place[0]) - self.layout.of_step))
        if index in plan.kept or index in plan.results:
            return self.load(self.sequence.kept, self.now + self.layout.value(index))
        return self.compute(index)

    def compute(self, index: int) -> list[Any]:
        """The values of an operation."""
        node = self.layout.plan.nodes[index]
        operands = [self.value(operand) for operand in node.operands]
        return [getattr(self.code, node.operation)(*values) for values in zip(*operands, strict=True)]

    def by_unit(self, start: int) -> list[Any]:
        """Weights of the units, for every sequence the same."""
        packed = self.sequence.packed
        loaded = [self.code.load(packed, self.unit + (start + unit)) for unit in range(self.count)]
        return [weight for weight in loaded for _ in range(self.layout.group)]

    def load(self, memory: Any, start: Integer | int) -> list[Any]:
        """Vectors of the units, for every sequence."""
        first = (self.unit + start) * self.layout.group
        return [self.code.load(memory, first + index) for index in range(self.count * self.layout.group)]

    def store(self, values: Sequence[Any], memory: Any, start: Integer | int) -> None:
        """Put vectors of the units into memory, where `load` finds them."""
        first = (self.unit + start) * self.layout.group
        for index, value in enumerate(values):
            self.code.store(value, memory, first + index)

    def rows(self, matrix: Matrix, blocks: Sequence[int]) -> list[Integer]:
        """The units' rows in blocks of a matrix, block by block."""
        return [self.unit + (block * self.layout.units + unit) for block in blocks for unit in range(self.count)]
