"""Gradients by weights, summed over steps and sequences, and gradients carried back through matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqprobe.models.compiled.memory_layout import Matrix, MemoryLayout
from seqprobe.models.compiled.sequence_code import WORK, SequenceCode
from seqprobe.models.compiled.unit_tile import Tile
from seqprobe.models.compiled.vector_code import Integer, VectorCode

SIDE, SUMS = 4, 16
"""Columns of a tile of a matrix, and sums that stay in registers."""


class GradientCode(SequenceCode):
    """Writes what concerns weights in the backward pass."""

    def __init__(self, code: VectorCode, layout: MemoryLayout) -> None:
        super().__init__(code, layout)
        self.gradients, self.products = self.region(0), self.region(layout.products)

    def region(self, start: Integer | int) -> Any:
        """The working memory from some vector on."""
        return self.address(WORK, self.code.integer(0) + start)

    def transposed(
        self, sums: Sequence[Any], matrix: Matrix, products: Integer, column: Integer, count: int
    ) -> list[Any]:
        """Add some columns of a matrix, times the gradients by its products, to ``sums``."""
        code, group = self.code, self.group

        def add_row(row: Integer, *totals: Any) -> list[Any]:
            first = (row + matrix.first_row + products) * group
            values = [code.load(self.products, first + member) for member in range(group)]
            weights = [
                code.load(self.packed, row * matrix.columns + column + (matrix.start + index)) for index in range(count)
            ]
            return [
                code.fma(weights[index // group], values[index % group], total) for index, total in enumerate(totals)
            ]

        return code.loop(matrix.rows, add_row, sums)

    def multiplied(self) -> list[tuple[Matrix, int, int]]:
        """Every matrix with the start of its vector among a step's values, and whether it is the next step's."""
        layout = self.layout
        recurrent = [(layout.recurrent_matrix, layout.state(0), 0)] if self.plan.is_recurrent else []
        own = [(layout.matrices[number], *layout.vector(vector)) for number, vector in self.plan.vector_of.items()]
        return [(layout.input_matrix, 0, 1), *recurrent, *own]

    def add_matrix_gradient(self, matrix: Matrix, vector: Integer, count: Integer) -> None:
        """Add the outer products of a few steps to a matrix's gradient, tile by tile."""
        code, group, of_step, rows_of_step = self.code, self.group, self.layout.of_step, self.layout.rows
        height = SUMS // min(SIDE, matrix.columns)

        def tile(row: Integer, rows: int, column: Integer, columns: int) -> None:
            def add_step(step: Integer, *sums: Any) -> list[Any]:
                left = (step * rows_of_step + row + matrix.first_row) * group
                right = (step * of_step + vector + column) * group
                totals = list(sums)
                for member in range(group):
                    values = [code.load(self.kept, right + (index * group + member)) for index in range(columns)]
                    for index in range(rows):
                        product = code.load(self.products, left + (index * group + member))
                        for other, value in enumerate(values):
                            place = index * columns + other
                            totals[place] = code.fma(product, value, totals[place])
                return totals

            places = [
                (row + index) * matrix.columns + column + (matrix.start + other)
                for index in range(rows)
                for other in range(columns)
            ]
            sums = code.loop(count, add_step, [code.load(self.gradients, place) for place in places])
            for place, total in zip(places, sums, strict=True):
                code.store(total, self.gradients, place)

        code.tiles(
            matrix.rows,
            height,
            lambda row, rows: code.tiles(
                matrix.columns, SIDE, lambda column, columns: tile(row, rows, column, columns)
            ),
        )

    def add_bias_gradient(self, count: Integer) -> None:
        """Add the gradients by a few steps' blocks to the bias's."""
        code, group, layout = self.code, self.group, self.layout

        def tile(row: Integer, rows: int) -> None:
            def add_step(step: Integer, *sums: Any) -> list[Any]:
                first, totals = (step * layout.rows + row) * group, list(sums)
                for index in range(rows):
                    for member in range(group):
                        totals[index] = code.add(
                            totals[index], code.load(self.products, first + index * group + member)
                        )
                return totals

            places = [row + (layout.bias + index) for index in range(rows)]
            sums = code.loop(count, add_step, [code.load(self.gradients, place) for place in places])
            for place, total in zip(places, sums, strict=True):
                code.store(total, self.gradients, place)

        code.tiles(layout.input_matrix.rows, SUMS, tile)

    def add_unit_weight_gradient(self, tile: Tile, weight: int, values: Sequence[Any]) -> None:
        """Add a step's gradient by weights of some units."""
        for unit in range(tile.count):
            place = tile.unit + (self.layout.unit_weights + weight * self.units + unit)
            total = self.code.load(self.gradients, place)
            for member in range(self.group):
                total = self.code.add(total, values[unit * self.group + member])
            self.code.store(total, self.gradients, place)
