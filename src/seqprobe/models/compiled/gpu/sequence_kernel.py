"""What both passes of a kernel share: sizes, places in memory, and the values of a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from seqprobe.models.compiled.gpu.kernel_text import KernelText
from seqprobe.models.compiled.gpu.kernel_weights import KernelWeights
from seqprobe.models.compiled.memory_layout import MemoryLayout


def padded(size: int) -> int:
    """The least power of two that is not smaller: sizes of tiles are powers of two."""
    return 1 << max(0, size - 1).bit_length()


class SequenceKernel(ABC):
    """Writes a kernel of which each program computes one group of sequences of one seed.

    A value of a step is a tile ``(units, group)``. Outside of ``is_inside``, where a tile is larger than the cell and
    the batch, states, what matrices multiply and gradients by their products are 0, and all else is arbitrary.
    """

    name: ClassVar[str]
    arguments: ClassVar[tuple[str, ...]]
    by_row: ClassVar[bool]
    """Whether the first axis of weights' tiles, over which products are summed, counts rows rather than columns."""

    def __init__(self, layout: MemoryLayout, is_single: bool) -> None:
        self.layout, self.plan = layout, layout.plan
        tensors = [f"{name}_{index}" for index in range(len(layout.tensors)) for name in ("weights", "stride")]
        self.text = KernelText(self.name, [*self.arguments, *tensors], is_single)
        self.weights = KernelWeights(self.text, layout, self.by_row)
        self.units, self.features = padded(layout.units), padded(layout.inputs)
        self.tile = f"{self.units}, {layout.group}"
        self.slots = len(self.plan.results) + len(self.plan.kept)
        self.values: dict[int, str] = {}

    def write(self) -> str:
        """The kernel's text."""
        self.locate()
        self.begin()
        with self.text.block("for turn in range(time)"):
            self.step()
        self.end()
        return str(self.text)

    @abstractmethod
    def begin(self) -> None:
        """Write what comes before the first step."""

    @abstractmethod
    def step(self) -> None:
        """Write one step."""

    @abstractmethod
    def end(self) -> None:
        """Write what follows the last step."""

    def locate(self) -> None:
        """Write places in memory and masks."""
        layout, text = self.layout, self.text
        for name, expression in {
            "seed": "tl.program_id(0).to(tl.int64)",
            "program": "seed * tl.num_programs(1) + tl.program_id(1)",
            "unit": f"tl.arange(0, {self.units})",
            "feature": f"tl.arange(0, {self.features})",
            "lane": f"tl.arange(0, {layout.group})",
            "sequence": f"tl.program_id(1) * {layout.group} + lane",
            "first_step": "(seed * batch + sequence) * time",
            "is_unit": f"unit < {layout.units}",
            "is_feature": f"feature < {layout.inputs}",
            "is_sequence": "sequence < batch",
            "is_inside": "is_unit[:, None] & is_sequence[None, :]",
            "place": f"unit[:, None] * {layout.group} + lane[None, :]",
        }.items():
            text.assign(expression, name)

    # Memory

    def outer_place(self, pointer: str) -> str:
        """The step's tile of a tensor ``(seeds, batch, time, units)``."""
        return f"{pointer} + (first_step + step)[None, :] * {self.layout.units} + unit[:, None]"

    def input_place(self, pointer: str) -> str:
        """The step's tile of a tensor ``(seeds, batch, time, features)``."""
        return f"{pointer} + (first_step + step)[None, :] * {self.layout.inputs} + feature[:, None]"

    def load_inputs(self) -> str:
        """The step's inputs, ``(features, group)``."""
        return self.text.load(self.input_place("inputs"), "is_feature[:, None] & is_sequence[None, :]")

    def kept_place(self, slot: int, step: str = "step") -> str:
        """The tile of a step's kept value."""
        size = self.units * self.layout.group
        return f"kept + ((program * time + {step}) * {self.slots} + {slot}) * {size} + place"

    def slot(self, node: int) -> int:
        """The place of a kept value among a step's: states first."""
        return (self.layout.value(node) - self.layout.inputs) // self.layout.units

    # Values

    def hold_values(self) -> None:
        """Read what is the same at every step."""
        for index, node in enumerate(self.plan.nodes):
            if node.operation in ("weight", "constant"):
                self.value(index)

    def value(self, index: int) -> str:
        """The value of a node."""
        if index not in self.values:
            self.values[index] = self.read(index)
        return self.values[index]

    def read(self, index: int) -> str:
        """The value of a node that is not at hand: a leaf's, or an operation's."""
        node = self.plan.nodes[index]
        if node.operation == "constant":
            return self.text.fill("1, 1", node.number)
        if node.operation == "weight":
            return self.weights.by_unit(self.weights.of_unit(node.place[0]))
        operation: Any = getattr(self.text, node.operation)
        result: str = operation(*map(self.value, node.operands))
        return result

    def vector(self, index: int) -> str:
        """A value that matrices multiply."""
        is_state = self.plan.nodes[index].operation == "state"
        return self.value(index) if is_state else self.text.select("is_inside", self.value(index))
