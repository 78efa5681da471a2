"""Elementwise operations of a step for any kind of code: a few that a target writes, and functions made of these."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

LOG2_PARTS = {True: (0.693359375, -0.00021219444005469057), False: (0.6931471806019545, -4.2009150726810846e-11)}
"""log 2 as the sum of two numbers, the first of 9 or 32 binary digits, for single precision and for double."""
DEGREES = {True: 7, False: 13}
"""Degrees of the Taylor series that is as accurate as numbers are."""


class Arithmetic(ABC):
    """Writes elementwise operations on values, whatever stands for them in the code.

    An operation that `step_trace` knows by name is a method of that name, and has a derivative in `derivatives`.

    Attributes:
        is_single: whether numbers have 32 bits, not 64.
    """

    is_single: bool

    @abstractmethod
    def constant(self, value: float) -> Any:
        """A number, the same everywhere."""

    @abstractmethod
    def add(self, a: Any, b: Any) -> Any:
        """The sum; with a product in it, one instruction where there is one."""

    @abstractmethod
    def sub(self, a: Any, b: Any) -> Any:
        """The difference."""

    @abstractmethod
    def mul(self, a: Any, b: Any) -> Any:
        """The product."""

    @abstractmethod
    def div(self, a: Any, b: Any) -> Any:
        """The quotient."""

    @abstractmethod
    def neg(self, a: Any) -> Any:
        """The opposite."""

    @abstractmethod
    def positive(self, a: Any, then: Any) -> Any:
        """``then`` where a number is positive or NaN, else 0."""

    @abstractmethod
    def clamp(self, a: Any, limit: float) -> Any:
        """A number between ±limit; NaN stays."""

    @abstractmethod
    def rounded(self, a: Any) -> Any:
        """An integer at most about 1/2 away, as a number."""

    @abstractmethod
    def power_of_two(self, exponent: Any) -> Any:
        """2 to the power of an integer that `rounded` gave."""

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """``a · b + c``."""
        return self.add(self.mul(a, b), c)

    def relu(self, a: Any) -> Any:
        """max(0, a)."""
        return self.positive(a, a)

    def power(self, a: Any) -> tuple[Any, Any]:
        """``2**k`` and ``exp(r) - 1`` with ``a = k log 2 + r`` and |r| at most half of log 2: exp(a) in two parts.

        The Taylor series of exp(r) - 1 is as accurate as numbers are, also relatively to a small result; log 2 in two
        parts, the first with few digits, keeps r accurate (Cody and Waite, 1980).
        """
        degree, (high, low) = DEGREES[self.is_single], LOG2_PARTS[self.is_single]
        exponent = self.rounded(self.mul(a, self.constant(1 / math.log(2))))
        rest = self.fma(exponent, self.constant(-high), a)
        rest = self.fma(exponent, self.constant(-low), rest)
        series = self.constant(1 / math.factorial(degree))
        for index in range(degree - 1, 0, -1):
            series = self.fma(series, rest, self.constant(1 / math.factorial(index)))
        return self.power_of_two(exponent), self.mul(series, rest)

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
