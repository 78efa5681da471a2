"""The text of a Triton kernel: lines, loops, memory, and sums along the first axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from seqprobe.models.compiled.gpu.tile_arithmetic import TileArithmetic

INDENT = "    "


class KernelText(TileArithmetic):
    """Writes one kernel.

    Triton may compile variants of a kernel, for addresses that 16 divides and for numbers that are 1; they might add
    numbers in other orders, and a member would not be its solo run. No argument is therefore specialised.

    Args:
        arguments: the kernel's, of which those in capitals are known when it is compiled.
    """

    def __init__(self, name: str, arguments: Sequence[str], is_single: bool) -> None:
        super().__init__(is_single)
        plain = [argument for argument in arguments if not argument.isupper()]
        declared = [f"{argument}: tl.constexpr" if argument.isupper() else argument for argument in arguments]
        self.lines = [f"@triton.jit(do_not_specialize={plain!r})", f"def {name}({', '.join(declared)}):"]
        self._depth, self._names = 1, 0

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"

    def line(self, text: str) -> None:
        """Write a line."""
        self.lines.append(INDENT * self._depth + text)

    def assign(self, expression: str, name: str = "") -> str:
        if not name:
            self._names += 1
            name = f"v{self._names}"
        self.line(f"{name} = {expression}")
        return name

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """What is written inside belongs to a loop or a condition."""
        self.line(f"{header}:")
        self._depth += 1
        yield
        self._depth -= 1

    def fill(self, shape: str, value: float = 0.0, name: str = "") -> str:
        """A tile with one number everywhere."""
        return self.assign(f"tl.full([{shape}], {float(value)!r}, {self.number})", name)

    def load(self, place: str, mask: str, name: str = "") -> str:
        """Numbers from memory; 0 outside of the mask."""
        return self.assign(f"tl.load({place}, mask={mask}, other=0.0)", name)

    def store(self, value: str, place: str, mask: str) -> None:
        """Put numbers into memory, where the mask is true."""
        self.line(f"tl.store({place}, {value}, mask={mask})")

    def select(self, mask: str, value: str, name: str = "") -> str:
        """A value where a mask is true, 0 elsewhere; as large as the mask."""
        return self.assign(f"tl.where({mask}, {value}, 0.0)", name)

    def product(self, matrix: str, vectors: str) -> str:
        """``(m, n)`` from a matrix ``(k, m)`` and ``(k, n)``: sums over the first axis, which one thread adds up."""
        return self.assign(f"tl.sum({matrix}[:, :, None] * {vectors}[:, None, :], 0)")

    def sum(self, values: Sequence[str], name: str = "") -> str:
        """The sum of values, in their order."""
        return self.assign(" + ".join(values), name)
