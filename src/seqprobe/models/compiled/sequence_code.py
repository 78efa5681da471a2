"""What both passes over a sequence share: their arguments, what they exchange with torch, and products."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from seqprobe.models.compiled.memory_layout import Matrix, MemoryLayout
from seqprobe.models.compiled.vector_code import Integer, VectorCode

SEEDS, BATCH, TIME, TRUNCATION, KEPT, KEPT_OF_BLOCK, KEPT_OF_GROUP, PACKED, PACKED_OF_BLOCK, WORK = range(10)
INPUTS, OUTPUTS, INPUT_GRADIENT, WEIGHTS = range(10, 14)
STRETCH = WORK
"""Places of a function's arguments: sizes, addresses, and distances between the blocks and groups at an address,
counted in vectors. In the backward pass `OUTPUTS` are the outputs' gradients. From `WEIGHTS` on, there are the address
of every tensor of weights, or of their gradients, and the distance between its seeds, counted in numbers. The forward
pass needs no working memory: it has at `STRETCH` for how many steps there is memory at `KEPT`, which all stretches of
so many steps use one after the other."""


class Span(NamedTuple):
    """Neighbouring steps of a sequence."""

    first: Integer
    steps: Integer


class SequenceCode(ABC):
    """Writes what both passes share; indices and sizes are those of `MemoryLayout`."""

    def __init__(self, code: VectorCode, layout: MemoryLayout) -> None:
        self.code, self.layout, self.plan = code, layout, layout.plan
        self.group, self.units = layout.group, layout.units
        self.seeds, self.batch, self.time = (code.argument(index) for index in (SEEDS, BATCH, TIME))
        self.all_steps = Span(code.integer(0), self.time)
        self.groups = (self.batch + (self.group - 1)) // self.group

    def write(self) -> None:
        """The whole function: all blocks of seeds."""
        self.code.loop((self.seeds + (self.code.lanes - 1)) // self.code.lanes, self.block)
        self.code.builder.ret_void()

    @abstractmethod
    def block(self, block: Integer) -> None:
        """One block of seeds."""

    def locate(self, block: Integer) -> None:
        """Compute the addresses of a block of seeds."""
        code = self.code
        self.first_seed = block * code.lanes
        self.lanes = (self.seeds - self.first_seed).minimum(code.lanes)
        self.packed = self.address(PACKED, block * code.argument(PACKED_OF_BLOCK))
        self.kept_of_block = block * code.argument(KEPT_OF_BLOCK)

    def locate_group(self, group: Integer) -> None:
        """Compute the addresses of a group of a block's sequences."""
        self.kept = self.address(KEPT, self.kept_of_block + group * self.code.argument(KEPT_OF_GROUP))
        self.first_sequence = group * self.group
        self.sequences = (self.batch - self.first_sequence).minimum(self.group)

    def address(self, argument: int, offset: Integer | int = 0) -> Any:
        """The memory at an address among the arguments, some vectors on."""
        return self.code.pointer(self.code.argument(argument) + offset * self.code.bytes)

    def fill(self, pointer: Any, start: Integer | int, count: Integer | int) -> None:
        """Fill memory with zeros."""
        self.code.loop(count, lambda index: self.code.store(self.code.constant(0), pointer, index + start))

    # Between tensors of torch, seeds first, and vectors of seeds

    def exchange_weights(self, tensor: int, start: int, count: int, vectors: Any, to_vectors: bool) -> None:
        """Carry a tensor of weights, or of their gradients, to vectors from ``start`` on, or back."""
        code = self.code
        address, stride = (code.argument(WEIGHTS + 2 * tensor + index) for index in range(2))
        tensor_start = code.number_pointer(code.pointer(address), self.first_seed * stride)

        def one_seed(lane: Integer) -> None:
            def one(index: Integer) -> None:
                code.exchange(tensor_start, lane * stride + index, vectors, index + start, lane, to_vectors)

            code.loop(count, one)

        code.loop(self.lanes, one_seed)

    def exchange_sequences(
        self, argument: int, features: int, vectors: Any, start: int, step: int, span: Span, back: bool
    ) -> None:
        """Carry some steps of the group's part of a tensor ``(seeds, batch, time, features)`` to vectors, or back.

        Args:
            start, step: of the vectors of the first time step, and from one to the next; without the group's factor.
        """
        code, length = self.code, self.time * features
        whole = code.pointer(code.argument(argument))
        if not back:
            is_partial = code.builder.or_(self.lanes.compare("<", code.lanes), self.sequences.compare("<", self.group))
            with code.only_if(is_partial):
                code.loop(
                    span.steps,
                    lambda time: self.fill(vectors, (time * step + start) * self.group, features * self.group),
                )

        def one_seed(member: Integer, lane: Integer) -> None:
            sequence = (self.first_seed + lane) * self.batch + self.first_sequence + member
            numbers = code.number_pointer(whole, sequence * length + span.first * features)

            def one_step(time: Integer) -> None:
                def one(index: Integer) -> None:
                    place = (time * step + start + index) * self.group + member
                    code.exchange(numbers, time * features + index, vectors, place, lane, not back)

                code.loop(features, one)

            code.loop(span.steps, one_step)

        code.loop(self.sequences, lambda member: code.loop(self.lanes, lambda lane: one_seed(member, lane)))

    # Products

    def add_products(
        self, sums: Sequence[Any], matrix: Matrix, rows: Sequence[Integer], vector: Any, start: Integer
    ) -> list[Any]:
        """Add some rows of a matrix times a vector to ``sums``, one for each row and sequence of the group.

        Args:
            start: of the vector, without the group's factor.
        """
        code, group = self.code, self.group

        def add_column(column: Integer, *totals: Any) -> list[Any]:
            values = [code.load(vector, (column + start) * group + member) for member in range(group)]
            weights = [code.load(self.packed, row * matrix.columns + column + matrix.start) for row in rows]
            return [
                code.fma(weights[index // group], values[index % group], total) for index, total in enumerate(totals)
            ]

        return code.turns(matrix.columns, add_column, sums)
