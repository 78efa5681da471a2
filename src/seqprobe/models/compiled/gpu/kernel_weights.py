"""The weights of a layer in a kernel's text: read once, if there is room for all of them, or at every step."""

from __future__ import annotations

from collections.abc import Sequence

from seqprobe.models.compiled.gpu.kernel_text import KernelText
from seqprobe.models.compiled.memory_layout import Matrix, MemoryLayout

HELD = 4096
"""Weights that a program reads once and keeps in registers."""


class KernelWeights:
    """Writes where a kernel reads weights. Tensors have numbers, in the order of `MemoryLayout.tensors`.

    Args:
        by_row: whether the first axis of tiles, over which products are summed, counts rows rather than columns.
    """

    def __init__(self, text: KernelText, layout: MemoryLayout, by_row: bool) -> None:
        self.text, self.layout, self.by_row = text, layout, by_row
        self._held: dict[tuple[str, int], str] = {}

    @property
    def matrices(self) -> dict[str, Matrix]:
        """Every matrix by the number of its tensor."""
        layout = self.layout
        first = 2 + layout.plan.is_recurrent + len(layout.plan.graph.weights)
        recurrent = {"2": layout.recurrent_matrix} if layout.plan.is_recurrent else {}
        own = {str(first + number): matrix for number, matrix in enumerate(layout.matrices)}
        return {"0": layout.input_matrix, **recurrent, **own}

    def own_matrix(self, number: int) -> str:
        """The tensor of one of the step's own matrices."""
        return str(2 + self.layout.plan.is_recurrent + len(self.layout.plan.graph.weights) + number)

    def of_unit(self, number: int) -> str:
        """The tensor of some weights by unit."""
        return str(2 + self.layout.plan.is_recurrent + number)

    def blocks_of(self, tensor: str) -> Sequence[int]:
        """The blocks of rows of a matrix."""
        return range(self.matrices[tensor].rows // self.layout.units)

    def hold(self, tensors: Sequence[str]) -> None:
        """Read matrices once, if there is room for all weights."""
        for tensor in tensors if self.layout.weights <= HELD else ():
            for block in self.blocks_of(tensor):
                self._held[tensor, block] = self.block_of(tensor, block)

    def block_of(self, tensor: str, block: int) -> str:
        """A tile with a block of rows of a matrix."""
        if (tensor, block) in self._held:
            return self._held[tensor, block]
        matrix = self.matrices[tensor]
        column = "feature" if tensor == "0" else "unit"
        rows, columns = ("[:, None]", "[None, :]") if self.by_row else ("[None, :]", "[:, None]")
        start = f"weights_{tensor} + seed * stride_{tensor}"
        place = f"{start} + ({block * self.layout.units} + unit{rows}) * {matrix.columns} + {column}{columns}"
        return self.text.load(place, f"is_unit{rows} & is_{column}{columns}")

    def by_unit(self, tensor: str, block: int = 0) -> str:
        """Weights of the units, ``(units, 1)``."""
        place = f"weights_{tensor} + seed * stride_{tensor} + {block * self.layout.units} + unit[:, None]"
        return self.text.load(place, "is_unit[:, None]")
