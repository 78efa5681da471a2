"""What a step may consist of has a derivative, and code for every kind of device."""

from __future__ import annotations

from contextlib import suppress
from inspect import signature

from seqprobe.models.compiled.derivatives import DERIVATIVES
from seqprobe.models.compiled.gpu.kernel_text import KernelText
from seqprobe.models.compiled.step_graph import LEAVES, Node, StepGraph
from seqprobe.models.compiled.step_plan import NEEDED
from seqprobe.models.compiled.step_trace import FUNCTIONS, Traced, UnknownStep
from seqprobe.models.compiled.vector_code import VectorCode


def traced_operations() -> set[str]:
    """The operations that the known functions of values consist of."""
    graph = StepGraph(2)
    values = [Traced(graph, graph.add(Node("state", place=(index,)))) for index in range(3)]
    for function in FUNCTIONS.values():
        given = [
            parameter for parameter in signature(function).parameters.values() if parameter.default is parameter.empty
        ]
        with suppress(AttributeError, TypeError, UnknownStep):  # it takes matrices and their products
            function(*values[: len(given)])
    return {node.operation for node in graph.nodes} - set(LEAVES)


def test_no_operation_is_missing() -> None:
    known = traced_operations()
    assert {"add", "sub", "mul", "div", "neg", "sigmoid", "tanh", "relu", "exp"} <= known
    assert known == set(DERIVATIVES)
    assert set(NEEDED) <= known
    for code in (VectorCode, KernelText):
        assert [name for name in sorted(known) if not callable(getattr(code, name, None))] == [], code.__name__
        assert code.__abstractmethods__ == frozenset()
