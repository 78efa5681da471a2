"""Backpropagation through time (Werbos, 1990) over whole sequences: gradients by inputs and by all weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from seqprobe.models.compiled.derivatives import DERIVATIVES
from seqprobe.models.compiled.gradient_code import SIDE, GradientCode
from seqprobe.models.compiled.memory_layout import MemoryLayout
from seqprobe.models.compiled.sequence_code import INPUT_GRADIENT, OUTPUTS, TRUNCATION
from seqprobe.models.compiled.unit_tile import Tile, tile_size
from seqprobe.models.compiled.vector_code import Integer, VectorCode


class BackwardCode(GradientCode):
    """Writes the function ``backward``, which finds what ``forward`` kept."""

    def __init__(self, code: VectorCode, layout: MemoryLayout) -> None:
        super().__init__(code, layout)
        self.truncation = code.argument(TRUNCATION)
        self.needs_input_gradient = code.argument(INPUT_GRADIENT).compare("!=", 0)
        self.outer = self.region(layout.outer)
        self.input_gradient = self.region(self.time * (self.units * self.group) + layout.outer)
        self.reached, self.written = set[int](), set[int]()

    def carried(self, state: int) -> Any:
        """The gradient by a state that the next step carries back."""
        return self.region(self.layout.pending + (len(self.plan.nodes) + state) * self.units * self.group)

    def waiting(self, node: int) -> Any:
        """The gradient by a node that later stages give."""
        return self.region(self.layout.pending + node * self.units * self.group)

    def block(self, block: Integer) -> None:
        """One block of seeds: the gradients of all groups are added up."""
        self.locate(block)
        self.fill(self.gradients, 0, self.layout.weights)
        self.code.loop(self.groups, self.one_group)
        for index, (start, size) in enumerate(self.layout.tensors):
            self.exchange_weights(index, start, size, self.gradients, to_vectors=False)

    def one_group(self, group: Integer) -> None:
        """One group of sequences, from the last steps to the first."""
        code, layout, size = self.code, self.layout, self.units * self.group
        self.locate_group(group)
        self.exchange_sequences(OUTPUTS, self.units, self.outer, 0, self.units, self.all_steps, back=False)
        for state in range(len(self.plan.results)):
            self.fill(self.carried(state), 0, size)
        last, first_state = (self.time - 1) * size, self.carried(0)
        code.loop(size, lambda index: code.store(code.load(self.outer, last + index), first_state, index))
        code.loop((self.time + (layout.together - 1)) // layout.together, self.some_steps)
        with code.only_if(self.needs_input_gradient):
            self.exchange_sequences(
                INPUT_GRADIENT, layout.inputs, self.input_gradient, 0, layout.inputs, self.all_steps, back=True
            )

    def some_steps(self, turn: Integer) -> None:
        """A few steps, backwards, and then what they add to the gradients by weights."""
        stop = self.time - turn * self.layout.together
        start = (stop - self.layout.together).maximum(0)
        count = stop - start
        self.code.loop(count, lambda index: self.step(stop - index - 1, start))
        for matrix, vector, steps in self.multiplied():
            first = (start + steps) * self.layout.of_step + vector
            self.add_matrix_gradient(matrix, first, count)
        self.add_bias_gradient(count)

    # One step

    def step(self, time: Integer, start: Integer) -> None:
        """One step; gradients by its products join those of the steps from ``start`` on."""
        now, products = (time + 1) * self.layout.of_step, (time - start) * self.layout.rows
        self.written = set()
        for stage in reversed(range(self.plan.stages)):
            for vector in self.plan.vectors(stage):
                self.through_matrices(vector, products)
            self.code.tiles(
                self.units,
                tile_size(4 * self.group),
                partial(self.tile, stage, now, products),
            )
            self.written |= self.reached
        self.to_earlier_step(time, products)
        with self.code.only_if(self.needs_input_gradient):
            self.to_inputs(time, products)

    def tile(self, stage: int, now: Integer, products: Integer, unit: Integer, count: int) -> None:
        """A stage of a step for some units: from gradients by its results to those by its operands."""
        plan, tile = self.plan, Tile(self, now, unit, count)
        gradients = self.arriving(tile, stage)
        for index in reversed(plan.operations(stage)):
            if index in gradients:
                by_operands = self.to_operands(tile, index, gradients[index])
                for operand, values in zip(plan.nodes[index].operands, by_operands, strict=True):
                    gradients[operand] = self.sums(gradients.get(operand), values)
        for index in plan.leaves(stage, "block") + plan.leaves(stage, "product"):
            zeros = [self.code.constant(0)] * (count * self.group)
            tile.store(gradients.pop(index, zeros), self.products, products + self.layout.row_of(index))
        self.reached = set()
        for index, values in gradients.items():
            operation = plan.nodes[index].operation
            if operation == "weight":
                self.add_unit_weight_gradient(tile, plan.nodes[index].place[0], values)
            elif operation == "state" or (plan.stage[index] < stage and operation != "constant"):
                before = tile.load(self.waiting(index), 0) if index in self.written else None
                tile.store(self.sums(before, values), self.waiting(index), 0)
                self.reached.add(index)

    def arriving(self, tile: Tile, stage: int) -> dict[int, list[Any]]:
        """The gradients by a stage's values that the next step and later stages give."""
        plan, gradients = self.plan, dict[int, list[Any]]()
        sources = [(index, self.carried(state)) for state, index in enumerate(plan.results)]
        sources += [(i, self.waiting(i)) for i in sorted(self.written) if plan.nodes[i].operation != "state"]
        for index, source in sources:
            if plan.stage[index] == stage:
                gradients[index] = self.sums(gradients.get(index), tile.load(source, 0))
        return gradients

    def to_operands(self, tile: Tile, index: int, gradient: Sequence[Any]) -> list[list[Any]]:
        """The gradients by an operation's operands, in their order."""
        node, needed = self.plan.nodes[index], self.plan.for_derivative(index)
        # What the derivative does not need was not kept; anything stands in its place.
        result, *operands = [tile.value(i) if i in needed else list(gradient) for i in (index, *node.operands)]
        derivative = DERIVATIVES[node.operation]
        by_place = [derivative(self.code, *values) for values in zip(gradient, result, *operands, strict=True)]
        return [list(values) for values in zip(*by_place, strict=True)]

    def sums(self, first: Sequence[Any] | None, second: Sequence[Any]) -> list[Any]:
        """Vector by vector; None stands for zeros."""
        return list(second) if first is None else [self.code.add(a, b) for a, b in zip(first, second, strict=True)]

    def through_matrices(self, vector: int, products: Integer) -> None:
        """Add to the gradient by a vector what its products give."""
        code = self.code

        def columns(column: Integer, count: int) -> None:
            place = column * self.group
            sums = [code.constant(0)] * (count * self.group)
            if vector in self.written:
                sums = [code.load(self.waiting(vector), place + index) for index in range(len(sums))]
            for matrix in self.layout.matrices_of(vector):
                sums = self.transposed(sums, matrix, products, column, count)
            for index, total in enumerate(sums):
                code.store(total, self.waiting(vector), place + index)

        code.tiles(self.units, SIDE, columns)
        self.written.add(vector)

    def to_earlier_step(self, time: Integer, products: Integer) -> None:
        """The gradients by the states before a step: what the step gives, and the outputs' own."""
        code, zero = self.code, self.code.constant(0)
        is_cut = (time % self.truncation).compare("==", 0)
        outer = (time - 1).maximum(0) * (self.units * self.group)
        leaves = {node.place[0]: index for index, node in enumerate(self.plan.nodes) if node.operation == "state"}
        for state in range(len(self.plan.results)):

            def columns(column: Integer, count: int, state: int = state) -> None:
                place, leaf = column * self.group, leaves[state]
                sums = [zero] * (count * self.group)
                if leaf in self.written:
                    sums = [code.load(self.waiting(leaf), place + index) for index in range(len(sums))]
                recurrent = [self.layout.recurrent_matrix] if state == 0 and self.plan.is_recurrent else []
                for matrix in [*recurrent, *self.layout.matrices_of(leaf)]:
                    sums = self.transposed(sums, matrix, products, column, count)
                for index, total in enumerate(sums):
                    total = code.builder.select(is_cut, zero, total)
                    if state == 0:
                        total = code.add(total, code.load(self.outer, outer + place + index))
                    code.store(total, self.carried(state), place + index)

            code.tiles(self.units, SIDE, columns)

    def to_inputs(self, time: Integer, products: Integer) -> None:
        """The gradients by a step's inputs."""
        code, layout = self.code, self.layout

        def columns(column: Integer, count: int) -> None:
            zeros = [code.constant(0)] * (count * self.group)
            sums = self.transposed(zeros, layout.input_matrix, products, column, count)
            place = (time * layout.inputs + column) * self.group
            for index, total in enumerate(sums):
                code.store(total, self.input_gradient, place + index)

        code.tiles(layout.inputs, SIDE, columns)
