"""Functions of machine code, written with LLVM: integers, memory and loops around arithmetic on vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from seqprobe.models.compiled.vector_arithmetic import VectorArithmetic, VectorKind

UNROLLED = 32
"""Loops with a constant number of turns up to this are written out."""
INTEGER = ir.IntType(64)


class Integer:
    """A 64-bit integer in the code that is written, with Python's operators."""

    def __init__(self, builder: ir.IRBuilder, value: Any) -> None:
        self.builder, self.value = builder, value

    def _with(self, operation: Callable[..., Any], other: Integer | int) -> Integer:
        return Integer(self.builder, operation(self.value, integer_value(other)))

    def __add__(self, other: Integer | int) -> Integer:
        return self._with(self.builder.add, other)

    def __sub__(self, other: Integer | int) -> Integer:
        return self._with(self.builder.sub, other)

    def __mul__(self, other: Integer | int) -> Integer:
        return self._with(self.builder.mul, other)

    def __mod__(self, other: Integer | int) -> Integer:
        return self._with(self.builder.srem, other)

    def __floordiv__(self, other: Integer | int) -> Integer:
        return self._with(self.builder.sdiv, other)

    __radd__, __rmul__ = __add__, __mul__

    def compare(self, operator: str, other: Integer | int) -> Any:
        """A condition, with ``<``, ``>``, ``==`` or ``!=``."""
        return self.builder.icmp_signed(operator, self.value, integer_value(other))

    def minimum(self, other: Integer | int) -> Integer:
        """The smaller one."""
        chosen = self.builder.select(self.compare("<", other), self.value, integer_value(other))
        return Integer(self.builder, chosen)

    def maximum(self, other: Integer | int) -> Integer:
        """The greater one."""
        chosen = self.builder.select(self.compare(">", other), self.value, integer_value(other))
        return Integer(self.builder, chosen)


def integer_value(number: Integer | int) -> Any:
    """What LLVM takes for an integer."""
    return number.value if isinstance(number, Integer) else INTEGER(number)


class VectorCode(VectorArithmetic):
    """Writes one function that takes the address of its arguments, an array of 64-bit integers.

    Indices into memory count vectors.
    """

    def __init__(self, module: ir.Module, name: str, kind: VectorKind) -> None:
        super().__init__(kind)
        function = ir.Function(module, ir.FunctionType(ir.VoidType(), [ir.PointerType()]), name)
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.arguments = function.args[0]

    # Memory

    def integer(self, number: int) -> Integer:
        """A constant."""
        return Integer(self.builder, INTEGER(number))

    def argument(self, index: int) -> Integer:
        """An argument of the function."""
        place = self.builder.gep(self.arguments, [INTEGER(index)], source_etype=INTEGER)
        return Integer(self.builder, self.builder.load(place, typ=INTEGER))

    def pointer(self, address: Integer) -> Any:
        """The memory at an address."""
        return self.builder.inttoptr(address.value, ir.PointerType())

    def load(self, pointer: Any, index: Integer | int) -> Any:
        """A vector."""
        place = self.builder.gep(pointer, [integer_value(index)], source_etype=self.vector)
        return self.builder.load(place, align=self.bytes, typ=self.vector)

    def store(self, value: Any, pointer: Any, index: Integer | int) -> None:
        """Put a vector into memory."""
        place = self.builder.gep(pointer, [integer_value(index)], source_etype=self.vector)
        self.builder.store(value, place, align=self.bytes)

    def number_pointer(self, pointer: Any, index: Integer) -> Any:
        """The memory some numbers on."""
        return self.builder.gep(pointer, [index.value], source_etype=self.number)

    def exchange(
        self, numbers: Any, index: Integer, vectors: Any, place: Integer, lane: Integer, to_vectors: bool
    ) -> None:
        """Copy one of neighbouring numbers into a lane of a vector, or back."""
        outer = self.number_pointer(numbers, index)
        inner = self.number_pointer(vectors, place * self.lanes + lane)
        source, target = (outer, inner) if to_vectors else (inner, outer)
        self.builder.store(self.builder.load(source, typ=self.number), target)

    # Control

    @contextmanager
    def only_if(self, condition: Any) -> Iterator[None]:
        """What is written in the block runs if a condition is true."""
        with self.builder.if_then(condition):
            yield

    def loop(self, count: Integer | int, body: Callable[..., Any], carried: Sequence[Any] = ()) -> list[Any]:
        """Run ``body(index, *carried)``, which returns what the next turn carries; what the last one returned."""
        before = self.builder.block
        inside, after = (self.builder.append_basic_block(name) for name in ("loop", "after"))
        self.builder.cbranch(self.builder.icmp_signed("<", INTEGER(0), integer_value(count)), inside, after)
        self.builder.position_at_end(inside)
        index = self.builder.phi(INTEGER)
        values = [self.builder.phi(self.vector) for _ in carried]
        results = body(Integer(self.builder, index), *values) or ()
        following = self.builder.add(index, INTEGER(1))
        end = self.builder.block
        self.builder.cbranch(self.builder.icmp_signed("<", following, integer_value(count)), inside, after)
        self.builder.position_at_end(after)
        final = [self.builder.phi(self.vector) for _ in carried]
        index.add_incoming(INTEGER(0), before)
        index.add_incoming(following, end)
        for value, last, start, result in zip(values, final, carried, results, strict=True):
            value.add_incoming(start, before)
            value.add_incoming(result, end)
            last.add_incoming(start, before)
            last.add_incoming(result, end)
        return final

    def turns(self, count: int, body: Callable[..., Any], carried: Sequence[Any] = ()) -> list[Any]:
        """A loop that is written out if it is short."""
        if count > UNROLLED:
            return self.loop(count, body, carried)
        for index in range(count):
            carried = body(self.integer(index), *carried)
        return list(carried)

    def tiles(self, count: int, size: int, body: Callable[[Integer, int], Any]) -> None:
        """Run ``body(first, number)`` for all of ``count`` things, up to ``size`` of them in a turn."""
        full = count // size
        if full:
            self.loop(full, lambda index: body(index * size, size))
        if count % size:
            body(self.integer(full * size), count % size)
