"""What of a step is computed when, and what is kept for the backward pass."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from seqprobe.models.compiled.step_graph import LEAVES, Node, StepGraph

NEEDED = {"mul": "operands", "div": "both", "sigmoid": "result", "tanh": "result", "relu": "result", "exp": "result"}
"""The values that an operation's derivative consists of."""
RECOMPUTED = ("add", "sub", "mul", "neg")
"""Operations that are cheaper than keeping their results."""


class StepPlan:
    """A step in stages: values of one stage need products of matrices with values of the stages before.

    All steps of torch's cells are one stage. A stage is computed unit by unit, its products over all units.
    """

    def __init__(self, graph: StepGraph, blocks: int, is_recurrent: bool) -> None:
        self.graph, self.nodes, self.results = graph, graph.nodes, graph.results
        self.blocks, self.is_recurrent = blocks, is_recurrent
        self.row_blocks = [matrix.shape[1] // graph.units for matrix in graph.matrices]
        self.stages = 1 + max(self.stage)

    @cached_property
    def stage(self) -> list[int]:
        """The stage of every node; a block's is the first that uses it."""
        stages: list[int] = []
        for node in self.nodes:
            operands = [stages[index] for index in node.operands]
            is_late = node.operation == "product" and self.nodes[node.operands[0]].operation != "state"
            stages.append(max(operands, default=0) + is_late)
        for index, node in enumerate(self.nodes):
            if node.operation in ("block", "product"):
                users = [stages[user] for user, other in enumerate(self.nodes) if index in other.operands]
                users += [stages[index]] * (index in self.results or not users)
                stages[index] = max(stages[index], min(users))
        return stages

    def leaves(self, stage: int, operation: str) -> list[int]:
        """The blocks or products of a stage."""
        return [i for i, node in enumerate(self.nodes) if node.operation == operation and self.stage[i] == stage]

    def operations(self, stage: int) -> list[int]:
        """The elementwise operations of a stage, operands first."""
        return [i for i, node in enumerate(self.nodes) if node.operation not in LEAVES and self.stage[i] == stage]

    @cached_property
    def vector_of(self) -> dict[int, int]:
        """The value that each of the step's own matrices multiplies."""
        return {node.place[0]: node.operands[0] for node in self.nodes if node.operation == "product"}

    def vectors(self, stage: int) -> list[int]:
        """The values of a stage, no states, that matrices multiply."""
        vectors = dict.fromkeys(self.vector_of.values())
        return [i for i in vectors if self.stage[i] == stage and self.nodes[i].operation != "state"]

    def is_used_later(self, index: int) -> bool:
        """Whether a value of one stage is used in another, by more than products."""
        used = (self.stage[i] for i, node in enumerate(self.nodes) if index in node.operands)
        return any(stage > self.stage[index] for stage in used)

    @cached_property
    def kept(self) -> list[int]:
        """The nodes whose values are kept until the backward pass, besides the states."""
        needed = {i for node_index in range(len(self.nodes)) for i in self.for_derivative(node_index)}
        for index in sorted(needed, reverse=True):
            if self._is_recomputed(index):
                needed |= set(self._operands_below(index))
        kept = {index for index in needed if not self._is_recomputed(index)}
        kept |= {i for i, node in enumerate(self.nodes) if not is_free(node) and self.is_used_later(i)}
        kept |= {node.operands[0] for node in self.nodes if node.operation == "product"}
        return sorted(index for index in kept if not is_free(self.nodes[index]) and index not in self.results)

    def for_derivative(self, index: int) -> list[int]:
        """The nodes whose values the derivative of an operation consists of."""
        node = self.nodes[index]
        kind = NEEDED.get(node.operation)
        return {
            "operands": list(node.operands),
            "both": [node.operands[-1], index] if node.operands else [],
            "result": [index],
            None: [],
        }[kind]

    def _is_recomputed(self, index: int) -> bool:
        return self.nodes[index].operation in RECOMPUTED and index not in self.results and not self.is_used_later(index)

    def _operands_below(self, index: int) -> Iterator[int]:
        """The operands of a recomputed node, and of those of them that are recomputed."""
        for operand in self.nodes[index].operands:
            yield operand
            if self._is_recomputed(operand):
                yield from self._operands_below(operand)


def is_free(node: Node) -> bool:
    """Whether a leaf is at hand in the backward pass without being kept."""
    return node.operation in ("state", "weight", "constant")
