"""Arithmetic on vectors that hold one number of each of several seeds, written with LLVM.

Lanes never mix: no operation here moves a number from one lane to another, so what one seed computes does not depend
on the seeds beside it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir

from seqprobe.models.compiled.arithmetic import Arithmetic

NUMBER_BYTES = {"float": 4, "double": 8}
"""By the name of a kind of numbers in LLVM."""
VECTOR_BYTES = (16, 32, 64)
"""A register of SSE or NEON, of AVX2, and of AVX-512 or two of AVX2."""
CONTRACT = ("contract",)
"""Lets a product and a sum become one instruction; nothing else may be rearranged."""


class VectorKind(NamedTuple):
    """What vectors consist of.

    Attributes:
        number: ``"float"`` or ``"double"``.
        lanes: seeds that are computed at once.
    """

    number: str
    lanes: int

    @property
    def bytes(self) -> int:
        """Of a vector."""
        return self.lanes * NUMBER_BYTES[self.number]


def vector_kind(number: str, seeds: int) -> VectorKind:
    """The smallest vectors that have a lane for each of so many seeds; the largest if none have."""
    kinds = [VectorKind(number, size // NUMBER_BYTES[number]) for size in VECTOR_BYTES]
    return next((kind for kind in kinds if seeds <= kind.lanes), kinds[-1])


class VectorArithmetic(Arithmetic):
    """Writes elementwise operations where a builder is."""

    builder: ir.IRBuilder

    def __init__(self, kind: VectorKind) -> None:
        self.is_single, self.lanes, self.bytes = kind.number == "float", kind.lanes, kind.bytes
        self.number: Any = ir.FloatType() if self.is_single else ir.DoubleType()
        self.vector = ir.VectorType(self.number, self.lanes)

    def constant(self, value: float) -> Any:
        return ir.Constant(self.vector, [ir.Constant(self.number, value)] * self.lanes)

    def add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(a, b, flags=CONTRACT)

    def sub(self, a: Any, b: Any) -> Any:
        return self.builder.fsub(a, b, flags=CONTRACT)

    def mul(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(a, b, flags=CONTRACT)

    def div(self, a: Any, b: Any) -> Any:
        return self.builder.fdiv(a, b)

    def neg(self, a: Any) -> Any:
        return self.builder.fneg(a)

    def positive(self, a: Any, then: Any) -> Any:
        return self.builder.select(self.builder.fcmp_unordered(">", a, self.constant(0)), then, self.constant(0))

    def clamp(self, a: Any, limit: float) -> Any:
        upper, lower = self.constant(limit), self.constant(-limit)
        a = self.builder.select(self.builder.fcmp_ordered(">", a, upper), upper, a)
        return self.builder.select(self.builder.fcmp_ordered("<", a, lower), lower, a)

    def rounded(self, a: Any) -> Any:
        name, module = f"llvm.rint.v{self.lanes}f{32 if self.is_single else 64}", self.builder.module
        rint = module.globals.get(name) or ir.Function(module, ir.FunctionType(self.vector, [self.vector]), name)
        return self.builder.call(rint, [a])

    def power_of_two(self, exponent: Any) -> Any:
        digits, bias = (23, 127) if self.is_single else (52, 1023)
        integers: Any = ir.VectorType(ir.IntType(32 if self.is_single else 64), self.lanes)
        integer = self.builder.fptosi(exponent, ir.VectorType(ir.IntType(32), self.lanes))
        if not self.is_single:
            integer = self.builder.sext(integer, integers)
        biased = self.builder.add(integer, ir.Constant(integers, [bias] * self.lanes))
        shifted = self.builder.shl(biased, ir.Constant(integers, [digits] * self.lanes))
        return self.builder.bitcast(shifted, self.vector)
