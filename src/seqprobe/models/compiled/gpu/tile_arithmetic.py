"""Arithmetic on tiles of a Triton kernel: values are names in its text, or numbers as they are written there."""

from __future__ import annotations

from abc import abstractmethod

from seqprobe.models.compiled.arithmetic import Arithmetic

NUMBERS = {True: ("tl.float32", "tl.int32", 127, 23), False: ("tl.float64", "tl.int64", 1023, 52)}
"""For single precision and double: Triton's numbers, integers of their size, and the exponent's bias and place."""


class TileArithmetic(Arithmetic):
    """Writes elementwise operations as Triton's, a line each."""

    def __init__(self, is_single: bool) -> None:
        self.is_single = is_single
        self.number, self.integer, self.bias, self.digits = NUMBERS[is_single]

    @abstractmethod
    def assign(self, expression: str, name: str = "") -> str:
        """Write a line that gives the value of an expression a name; without one, a new name."""

    def constant(self, value: float) -> str:
        return f"({float(value)!r})"

    def add(self, a: str, b: str) -> str:
        return self.assign(f"{a} + {b}")

    def sub(self, a: str, b: str) -> str:
        return self.assign(f"{a} - {b}")

    def mul(self, a: str, b: str) -> str:
        return self.assign(f"{a} * {b}")

    def div(self, a: str, b: str) -> str:
        return self.assign(f"{a} / {b}")

    def neg(self, a: str) -> str:
        return self.assign(f"-{a}")

    def positive(self, a: str, then: str) -> str:
        return self.assign(f"tl.where({a} <= 0.0, 0.0, {then})")

    def clamp(self, a: str, limit: float) -> str:
        below = self.assign(f"tl.where({a} > {limit}, {limit}, {a})")
        return self.assign(f"tl.where({below} < {-limit}, {-limit}, {below})")

    def rounded(self, a: str) -> str:
        return self.assign(f"tl.floor({a} + 0.5)")

    def power_of_two(self, exponent: str) -> str:
        biased = f"{exponent}.to({self.integer}) + {self.bias}"
        return self.assign(f"(({biased}) << {self.digits}).to({self.number}, bitcast=True)")
