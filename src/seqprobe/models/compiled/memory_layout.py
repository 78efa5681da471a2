"""Where a step's values and weights lie in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from seqprobe.models.compiled.step_plan import StepPlan

TOGETHER = 16
"""Steps, over the sequences of a group, whose gradients by the weights are added up in registers."""


@dataclass(frozen=True)
class Matrix:
    """Weights that multiply a vector.

    Attributes:
        start: of its vectors among the packed weights.
        rows, columns: its size.
        first_row: of its products among all products of a step.
    """

    start: int
    rows: int
    columns: int
    first_row: int


@dataclass(frozen=True)
class MemoryLayout:
    """Where a step's values and weights lie, counted in vectors; values of a group's sequences are neighbours.

    Attributes:
        inputs, units: the cell's sizes.
        group: sequences that are computed together.
    """

    plan: StepPlan
    inputs: int
    units: int
    group: int

    @cached_property
    def input_matrix(self) -> Matrix:
        """W."""
        return Matrix(0, self.plan.blocks * self.units, self.inputs, 0)

    @cached_property
    def bias(self) -> int:
        """Start of b."""
        return self.input_matrix.rows * self.inputs

    @cached_property
    def recurrent_matrix(self) -> Matrix:
        """U; without rows in a cell that has none."""
        rows = self.input_matrix.rows
        return Matrix(self.bias + rows, rows * self.plan.is_recurrent, self.units, 0)

    @cached_property
    def unit_weights(self) -> int:
        """Start of the weights by unit."""
        return self.recurrent_matrix.start + self.recurrent_matrix.rows * self.units

    @cached_property
    def matrices(self) -> list[Matrix]:
        """The step's own."""
        start = self.unit_weights + len(self.plan.graph.weights) * self.units
        first, matrices = self.input_matrix.rows, list[Matrix]()
        for blocks in self.plan.row_blocks:
            matrices.append(Matrix(start, blocks * self.units, self.units, first))
            start, first = start + blocks * self.units**2, first + blocks * self.units
        return matrices

    @cached_property
    def all_matrices(self) -> list[Matrix]:
        """Every one, W first."""
        return [self.input_matrix, self.recurrent_matrix, *self.matrices]

    @cached_property
    def tensors(self) -> list[tuple[int, int]]:
        """Start and size of every tensor of weights, in the order of the arguments."""
        rows, recurrent = self.input_matrix.rows, self.recurrent_matrix
        parts = [(0, self.bias), (self.bias, rows)]
        if recurrent.rows:
            parts.append((recurrent.start, recurrent.rows * self.units))
        parts += [(self.unit_weights + index * self.units, self.units) for index in range(len(self.plan.graph.weights))]
        return parts + [(matrix.start, matrix.rows * matrix.columns) for matrix in self.matrices]

    @cached_property
    def weights(self) -> int:
        """Vectors of all weights."""
        return sum(size for _, size in self.tensors)

    @cached_property
    def rows(self) -> int:
        """Rows of all products of a step."""
        return self.input_matrix.rows + sum(matrix.rows for matrix in self.matrices)

    @cached_property
    def of_step(self) -> int:
        """Kept vectors of a step, without the group's factor: inputs, states, and other values."""
        return self.inputs + (len(self.plan.results) + len(self.plan.kept)) * self.units

    def state(self, index: int) -> int:
        """Start of a state among a step's kept vectors, without the group's factor."""
        return self.inputs + index * self.units

    def value(self, node: int) -> int:
        """Start of a kept value."""
        if node in self.plan.results:
            return self.state(self.plan.results.index(node))
        return self.state(len(self.plan.results) + self.plan.kept.index(node))

    def row_of(self, node: int) -> int:
        """The first row of a block or product among all products of a step."""
        place = self.plan.nodes[node].place
        if self.plan.nodes[node].operation == "block":
            return place[0] * self.units
        return self.matrices[place[0]].first_row + place[1] * self.units

    def matrices_of(self, vector: int) -> list[Matrix]:
        """The step's own matrices that multiply a value."""
        return [self.matrices[number] for number, other in self.plan.vector_of.items() if other == vector]

    def vector(self, node: int) -> tuple[int, int]:
        """Where the vector of a product lies: start, and 1 for the step itself or 0 for the one before."""
        if self.plan.nodes[node].operation == "state":
            return self.state(self.plan.nodes[node].place[0]), 0
        return self.value(node), 1

    def kept_vectors(self, time: int) -> int:
        """Kept vectors of a group: those of every step, and zeros before the first."""
        return (time + 1) * self.of_step * self.group

    @cached_property
    def together(self) -> int:
        """Steps whose gradients by weights are added up at once."""
        return max(1, TOGETHER // self.group)

    @cached_property
    def pending(self) -> int:
        """Start, in the working memory, of gradients that wait for an earlier stage or step, by node and state."""
        return self.products + self.together * self.rows * self.group

    @property
    def products(self) -> int:
        """Start, in the working memory, of the gradients by products; before them are those by weights."""
        return self.weights

    @cached_property
    def outer(self) -> int:
        """Start of the outputs' gradients."""
        return self.pending + (len(self.plan.nodes) + len(self.plan.results)) * self.units * self.group

    def work_vectors(self, time: int) -> int:
        """Working memory of the backward pass."""
        return self.outer + time * (self.units + self.inputs) * self.group
