"""An ONNX graph that is built node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

OPSET = 19
"""The version of ONNX's operators; runtimes from 2023 on know it."""


class Graph:
    """Nodes and constants with names of their own; methods return the names of what they add.

    Args:
        prefix: of all names, which must differ between a graph and one within it.
    """

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.nodes: list[Any] = []
        self.constants: dict[bytes, Any] = {}
        self._count = 0

    def name(self) -> str:
        """A name that nothing in the graph has yet."""
        self._count += 1
        return f"{self.prefix}value_{self._count}"

    def add(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """A node with one output."""
        from onnx import helper

        name = output or self.name()
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def scan(self, body: Any, states: Sequence[str], sequence: str) -> str:
        """A loop over the first axis of a sequence, from initial states; the stacked last output of its body."""
        from onnx import helper

        names = [self.name() for _ in range(len(states) + 1)]
        self.nodes.append(helper.make_node("Scan", [*states, sequence], names, body=body, num_scan_inputs=1))
        return names[-1]

    def split(self, values: str, count: int) -> list[str]:
        """Equal blocks of the last axis."""
        from onnx import helper

        names = [self.name() for _ in range(count)]
        self.nodes.append(helper.make_node("Split", [values], names, axis=-1, num_outputs=count))
        return names

    def constant(self, value: Any) -> str:
        """A constant, of the numbers' own type."""
        from onnx import numpy_helper

        array = np.asarray(value)
        key = array.tobytes() + str((array.dtype, array.shape)).encode()
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(array, self.name())
        return str(self.constants[key].name)

    def weights(self, value: Tensor) -> str:
        """A network's weights, in float32."""
        return self.constant(value.detach().cpu().float().contiguous().numpy())

    def unsqueeze(self, values: str, axis: int) -> str:
        """Values with one more axis of length 1."""
        return self.add("Unsqueeze", [values, self.constant(np.array([axis]))])

    def axis(self, values: str, axis: int) -> str:
        """The length of an axis, as a list of one integer."""
        return self.add("Shape", [values], start=axis, end=axis + 1)

    def size(self, values: str, axis: int) -> str:
        """The length of an axis, as an integer."""
        return self.add("Squeeze", [self.axis(values, axis), self.constant(np.array([0]))])

    def zeros(self, lengths: Sequence[str]) -> str:
        """Zeros whose axes have lengths that are computed, as lists."""
        from onnx import numpy_helper

        shape = self.add("Concat", list(lengths), axis=0)
        return self.add("ConstantOfShape", [shape], value=numpy_helper.from_array(np.zeros(1, np.float32)))

    def build(self, inputs: Mapping[str, Sequence[str | int]], output: Sequence[str | int]) -> Any:
        """The graph from ``inputs`` (``lengths`` are integers, all else numbers) to ``outputs``."""
        from onnx import TensorProto, helper

        kinds = {name: TensorProto.INT64 if name == "lengths" else TensorProto.FLOAT for name in inputs}
        taken = [helper.make_tensor_value_info(name, kinds[name], list(axes)) for name, axes in inputs.items()]
        given = [helper.make_tensor_value_info("outputs", TensorProto.FLOAT, list(output))]
        return helper.make_graph(self.nodes, "network", taken, given, list(self.constants.values()))
