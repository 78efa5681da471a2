"""The equations of a cell's step as a graph of elementwise operations and products of matrices with vectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor

LEAVES = ("block", "state", "weight", "product", "constant")
"""Operations that are not elementwise."""


class Node(NamedTuple):
    """A value of a step, one number for each unit.

    Attributes:
        operation: one of `LEAVES`, or an elementwise operation, as `Arithmetic` names it.
        operands: indices of nodes; a product's is its vector.
        place: of a block, state or weight, which one; of a product, its matrix and block of rows.
        number: a constant's.
    """

    operation: str
    operands: tuple[int, ...] = ()
    place: tuple[int, ...] = ()
    number: float = 0.0


@dataclass
class StepGraph:
    """A step's values.

    Attributes:
        nodes: operands before what is made of them.
        results: the nodes of the new states.
        weights: those of the cell's weights that the step uses unit by unit, ``(seeds, hidden, 1)``.
        matrices: those that it multiplies a vector by, ``(seeds, n · hidden, hidden)``.
    """

    units: int
    nodes: list[Node] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    weights: list[Tensor] = field(default_factory=list)
    matrices: list[Tensor] = field(default_factory=list)
    _indices: dict[Node, int] = field(default_factory=dict, repr=False)

    def add(self, node: Node) -> int:
        """The index of a node, which is appended if there is none like it."""
        if node not in self._indices:
            self._indices[node] = len(self.nodes)
            self.nodes.append(node)
        return self._indices[node]
