"""Trace `Cell.step`: it is called with values that record what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor

from seqprobe.models.compiled.step_graph import Node, StepGraph

if TYPE_CHECKING:
    from seqprobe.models.cells.cell import Cell


class UnknownStep(Exception):
    """A step that cannot be traced; its text is the reason, without the cell's name."""


class Known:
    """An object that torch's functions hand over to `call`, wherever it is among their arguments."""

    graph: StepGraph

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return call(func.__name__, *args, **(kwargs or {}))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: call(name, self, *args, **kwargs)


class Traced(Known):
    """A value of a step while it is traced, in place of a tensor ``(seeds, hidden, batch)``."""

    def __init__(self, graph: StepGraph, index: int) -> None:
        self.graph, self.index = graph, index

    def __neg__(self) -> Any:
        return call("neg", self)

    def __add__(self, other: Any) -> Any:
        return call("add", self, other)

    def __sub__(self, other: Any) -> Any:
        return call("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return call("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return call("mul", self, other)

    def __truediv__(self, other: Any) -> Any:
        return call("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return call("div", other, self)

    def __pow__(self, other: Any) -> Any:
        return call("pow", self, other)

    __radd__, __rmul__ = __add__, __mul__


class TracedRows(Known):
    """A product with several blocks of rows, which is cut before it is used."""

    def __init__(self, graph: StepGraph, rows: Sequence[Traced]) -> None:
        self.graph, self.rows = graph, rows


def read(graph: StepGraph, value: Any) -> int:
    """The node of an operand: a traced value, a number, or weights of the cell.

    Raises:
        UnknownStep: it is none of them.
    """
    if isinstance(value, Traced):
        return value.index
    if isinstance(value, int | float):
        return graph.add(Node("constant", number=float(value)))
    if isinstance(value, Tensor) and value.dim() == 3 and value.shape[1] in (1, graph.units) and value.shape[2] == 1:
        graph.weights.append(value.expand(-1, graph.units, 1))
        return graph.add(Node("weight", place=(len(graph.weights) - 1,)))
    what = f"a tensor {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
    raise UnknownStep(f"uses {what} beside blocks and states; numbers and weights (seeds, hidden, 1) are known")


def operate(name: str, *operands: Any) -> Traced:
    """The value of an elementwise operation."""
    graph = graph_of(*operands)
    return Traced(graph, graph.add(Node(name, tuple(read(graph, operand) for operand in operands))))


def product(matrix: Any, vector: Any) -> Traced | TracedRows:
    """A matrix of the cell times a traced value.

    Raises:
        UnknownStep: the matrix has other sizes than blocks of units by units.
    """
    graph = graph_of(matrix, vector)
    units = graph.units
    is_matrix = isinstance(matrix, Tensor) and matrix.dim() == 3 and matrix.shape[1] % units == 0
    if not is_matrix or matrix.shape[2] != units or not isinstance(vector, Traced):
        raise UnknownStep("multiplies what is no matrix (seeds, n · hidden, hidden) and a value of the units")
    graph.matrices.append(matrix)
    place, blocks = len(graph.matrices) - 1, matrix.shape[1] // units
    rows = [Traced(graph, graph.add(Node("product", (vector.index,), (place, block)))) for block in range(blocks)]
    return rows[0] if blocks == 1 else TracedRows(graph, rows)


def cut_rows(rows: Any, size: Any, dim: int = 0) -> Sequence[Traced]:
    """The blocks of a product, for a cut into pieces of ``size`` rows.

    Raises:
        UnknownStep: the pieces are others.
    """
    if not isinstance(rows, TracedRows) or dim not in (1, -2) or size != rows.graph.units:
        raise UnknownStep("cuts a value into other pieces than a product's blocks of units")
    return rows.rows


def power(value: Any, exponent: Any) -> Any:
    """``value ** exponent``, for an exponent of 2."""
    if exponent != 2:
        raise UnknownStep(f"uses the power {exponent}; 2 is known")
    return value * value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: lambda a, name=name: operate(name, a) for name in ("neg", "sigmoid", "tanh", "relu", "exp")},
    **{name: lambda a, b, name=name: operate(name, a, b) for name in ("add", "sub", "mul", "div")},
    "rsub": lambda a, b: b - a,
    "rdiv": lambda a, b: b / a,
    "square": lambda a: a * a,
    "pow": power,
    "reciprocal": lambda a: 1 / a,
    "addcmul": lambda a, b, c: a + b * c,
    "lerp": lambda a, b, weight: a + weight * (b - a),
    "silu": lambda a: a * a.sigmoid(),
    "matmul": product,
    "chunk": lambda a, count, dim=0: cut_rows(a, a.graph.units * len(a.rows) // count, dim),
    "split": cut_rows,
    "contiguous": lambda a: a,
    "clone": lambda a: a,
}
"""What a step may consist of: torch's functions and methods by name."""
SYNONYMS = {"radd": "add", "rmul": "mul", "multiply": "mul", "subtract": "sub", "truediv": "div", "true_divide": "div"}
SYNONYMS |= {"divide": "div", "rtruediv": "rdiv", "negative": "neg", "bmm": "matmul"}


def graph_of(*operands: Any) -> StepGraph:
    """The graph that traced operands belong to."""
    return next(operand for operand in operands if isinstance(operand, Known)).graph


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """What a function of torch gives for traced arguments.

    Raises:
        UnknownStep: it is not one of `FUNCTIONS`.
    """
    plain = name.strip("_")
    function = FUNCTIONS.get(SYNONYMS.get(plain, plain))
    if function is None:
        raise UnknownStep(f"uses {plain}, which is not known")
    try:
        return function(*args, **kwargs)
    except TypeError as problem:
        raise UnknownStep(f"uses {plain} with arguments that are not known") from problem


def trace_step(cell: Cell, blocks: int) -> StepGraph:
    """Trace the step of a cell whose weights have a seeds axis.

    Args:
        blocks: how many blocks `Cell.maps` has.

    Raises:
        UnknownStep: the step does something that is not known here.
    """
    graph = StepGraph(cell.hidden_size)
    inner: list[Any] = [Traced(graph, graph.add(Node("block", place=(index,)))) for index in range(blocks)]
    states: list[Any] = [Traced(graph, graph.add(Node("state", place=(index,)))) for index, _ in enumerate(cell.states)]
    values = cell.step(inner, *states)
    graph.results = [read(graph, values[name]) for name in cell.states]
    return graph
