"""Arithmetic on vectors that hold one number of each of several seeds, written with LLVM.

Lanes never mix: no operation here moves a number from one lane to another, so what one seed computes does not depend
on the seeds beside it.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir

LANES = {"float": 16, "double": 8}
"""Seeds that are computed at once, by the name of their numbers in LLVM: 64 bytes, a register of AVX-512 or two of
AVX2."""
LOG2_PARTS = {True: (0.693359375, -0.00021219444005469057), False: (0.6931471806019545, -4.2009150726810846e-11)}
"""log 2 as the sum of two numbers, the first of 9 or 32 binary digits, for single precision and for double."""
CONTRACT = ("contract",)
"""Lets a product and a sum become one instruction; nothing else may be rearranged."""


class VectorArithmetic:
    """Writes elementwise operations where a builder is.

    Args:
        number: ``"float"`` or ``"double"``.
    """

    builder: ir.IRBuilder

    def __init__(self, number: str) -> None:
        self.number: Any = ir.FloatType() if number == "float" else ir.DoubleType()
        self.is_single, self.lanes = number == "float", LANES[number]
        self.vector = ir.VectorType(self.number, self.lanes)

    def constant(self, value: float) -> Any:
        """A number in all lanes."""
        return ir.Constant(self.vector, [ir.Constant(self.number, value)] * self.lanes)

    def add(self, a: Any, b: Any) -> Any:
        """The sum; with a product in it, one instruction where there is one."""
        return self.builder.fadd(a, b, flags=CONTRACT)

    def sub(self, a: Any, b: Any) -> Any:
        """The difference."""
        return self.builder.fsub(a, b, flags=CONTRACT)

    def mul(self, a: Any, b: Any) -> Any:
        """The product."""
        return self.builder.fmul(a, b, flags=CONTRACT)

    def div(self, a: Any, b: Any) -> Any:
        """The quotient."""
        return self.builder.fdiv(a, b)

    def neg(self, a: Any) -> Any:
        """The opposite."""
        return self.builder.fneg(a)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """``a · b + c``."""
        return self.add(self.mul(a, b), c)

    def positive(self, a: Any, then: Any) -> Any:
        """``then`` where a number is positive or NaN, else 0."""
        return self.builder.select(self.builder.fcmp_unordered(">", a, self.constant(0)), then, self.constant(0))

    def relu(self, a: Any) -> Any:
        """max(0, a)."""
        return self.positive(a, a)

    def clamp(self, a: Any, limit: float) -> Any:
        """A number between ±limit; NaN stays."""
        upper, lower = self.constant(limit), self.constant(-limit)
        a = self.builder.select(self.builder.fcmp_ordered(">", a, upper), upper, a)
        return self.builder.select(self.builder.fcmp_ordered("<", a, lower), lower, a)

    def power(self, a: Any) -> tuple[Any, Any]:
        """``2**k`` and ``exp(r) - 1`` with ``a = k log 2 + r`` and |r| at most half of log 2: exp(a) in two parts.

        The Taylor series of exp(r) - 1 is as accurate as numbers are, also relatively to a small result; log 2 in two
        parts, the first with few digits, keeps r accurate (Cody and Waite, 1980).
        """
        integers: Any = ir.VectorType(ir.IntType(32 if self.is_single else 64), self.lanes)
        digits, bias, degree = (23, 127, 7) if self.is_single else (52, 1023, 13)
        high, low = LOG2_PARTS[self.is_single]
        rounded = self.builder.call(self._rounding(), [self.mul(a, self.constant(1 / math.log(2)))])
        rest = self.fma(rounded, self.constant(-high), a)
        rest = self.fma(rounded, self.constant(-low), rest)
        series = self.constant(1 / math.factorial(degree))
        for index in range(degree - 1, 0, -1):
            series = self.fma(series, rest, self.constant(1 / math.factorial(index)))
        exponent = self.builder.fptosi(rounded, ir.VectorType(ir.IntType(32), self.lanes))
        if not self.is_single:
            exponent = self.builder.sext(exponent, integers)
        shifted = self.builder.shl(
            self.builder.add(exponent, ir.Constant(integers, [bias] * self.lanes)),
            ir.Constant(integers, [digits] * self.lanes),
        )
        return self.builder.bitcast(shifted, self.vector), self.mul(series, rest)

    def _rounding(self) -> Any:
        """LLVM's function that rounds every lane to an integer."""
        name, module = f"llvm.rint.v{self.lanes}f{32 if self.is_single else 64}", self.builder.module
        return module.globals.get(name) or ir.Function(module, ir.FunctionType(self.vector, [self.vector]), name)

    def exp(self, a: Any) -> Any:
        """The exponential; where it would overflow, the greatest that is computed."""
        scale, rest = self.power(self.clamp(a, 87.0 if self.is_single else 708.0))
        return self.fma(scale, rest, scale)

    def sigmoid(self, a: Any) -> Any:
        """1 / (1 + exp(-a))."""
        return self.div(self.constant(1), self.add(self.exp(self.neg(a)), self.constant(1)))

    def tanh(self, a: Any) -> Any:
        """(exp(2 a) - 1) / (exp(2 a) + 1), accurate also near 0."""
        twice = self.clamp(self.add(a, a), 20.0 if self.is_single else 40.0)
        scale, rest = self.power(twice)
        less_one = self.fma(scale, rest, self.sub(scale, self.constant(1)))
        return self.div(less_one, self.add(less_one, self.constant(2)))
