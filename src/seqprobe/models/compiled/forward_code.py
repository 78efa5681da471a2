"""The forward pass over whole sequences: states of every step, and what the backward pass needs of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from seqprobe.models.compiled.sequence_code import INPUTS, OUTPUTS, STRETCH, SequenceCode, Span
from seqprobe.models.compiled.unit_tile import Tile, tile_size
from seqprobe.models.compiled.vector_code import Integer


class ForwardCode(SequenceCode):
    """Writes the function ``forward``."""

    def block(self, block: Integer) -> None:
        """One block of seeds."""
        self.locate(block)
        self.fill(self.packed, 0, self.layout.weights)
        for index, (start, size) in enumerate(self.layout.tensors):
            self.exchange_weights(index, start, size, self.packed, to_vectors=True)
        self.code.loop(self.groups, self.one_group)

    def one_group(self, group: Integer) -> None:
        """One group of sequences."""
        self.locate_group(group)
        self.fill(self.kept, 0, self.layout.of_step * self.group)  # the states before the first step
        stretch = self.code.argument(STRETCH)

        def one_stretch(index: Integer) -> None:
            first = index * stretch
            self.stretch(Span(first, (self.time - first).minimum(stretch)))

        self.code.loop((self.time + (stretch - 1)) // stretch, one_stretch)

    def stretch(self, span: Span) -> None:
        """Steps that have memory at the same time; their last states are before the first step of the next ones."""
        layout, of_step, code = self.layout, self.layout.of_step, self.code
        self.exchange_sequences(INPUTS, layout.inputs, self.kept, of_step, of_step, span, back=False)
        code.loop(span.steps, lambda time: self.step((time + 1) * of_step))
        self.exchange_sequences(OUTPUTS, layout.units, self.kept, of_step + layout.state(0), of_step, span, back=True)
        last, count = span.steps * (of_step * self.group), of_step * self.group
        with code.only_if((span.first + span.steps).compare("<", self.time)):
            code.loop(count, lambda index: code.store(code.load(self.kept, last + index), self.kept, index))

    def step(self, now: Integer) -> None:
        """One step, whose kept vectors start at ``now``, stage by stage."""
        for stage in range(self.plan.stages):
            rows = len(self.plan.leaves(stage, "block")) + len(self.plan.leaves(stage, "product"))
            size = tile_size(max(1, rows) * self.group)
            self.code.tiles(self.units, size, partial(self.tile, stage, now))

    def tile(self, stage: int, now: Integer, unit: Integer, count: int) -> None:
        """A stage of a step for some units."""
        tile = Tile(self, now, unit, count)
        self.add_blocks(tile, stage)
        self.add_step_products(tile, stage)
        for index in self.plan.operations(stage):
            tile.values[index] = tile.compute(index)
        for index in dict.fromkeys([*self.plan.results, *self.plan.kept]):
            if self.plan.stage[index] == stage:
                tile.store(tile.value(index), self.kept, now + self.layout.value(index))

    def add_blocks(self, tile: Tile, stage: int) -> None:
        """W x + U hidden + b, of the blocks that a stage is the first to use."""
        leaves, layout = self.plan.leaves(stage, "block"), self.layout
        if not leaves:
            return
        blocks = [self.plan.nodes[index].place[0] for index in leaves]
        sums: list[Any] = [value for block in blocks for value in tile.by_unit(layout.bias + block * self.units)]
        rows = tile.rows(layout.input_matrix, blocks)
        sums = self.add_products(sums, layout.input_matrix, rows, self.kept, tile.now)
        if layout.recurrent_matrix.rows:
            before = tile.now + (layout.state(0) - layout.of_step)
            sums = self.add_products(sums, layout.recurrent_matrix, rows, self.kept, before)
        size = tile.count * self.group
        tile.values |= {leaf: sums[index * size : (index + 1) * size] for index, leaf in enumerate(leaves)}

    def add_step_products(self, tile: Tile, stage: int) -> None:
        """Products of the step's own matrices."""
        for index in self.plan.leaves(stage, "product"):
            number, block = self.plan.nodes[index].place
            matrix = self.layout.matrices[number]
            start, steps = self.layout.vector(self.plan.nodes[index].operands[0])
            zeros = [self.code.constant(0)] * (tile.count * self.group)
            first = tile.now + (start + (steps - 1) * self.layout.of_step)
            tile.values[index] = self.add_products(zeros, matrix, tile.rows(matrix, [block]), self.kept, first)
