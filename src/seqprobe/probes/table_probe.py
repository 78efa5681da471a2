"""The base of tests of networks that learned a table, which users choose without code.

They run on sequences that validate or are set apart for probes, at most ``size`` for each value, which
a seed's ``probes`` stream chooses. All measure ``rmse`` in the targets' unit, or ``accuracy``.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.checks import integer
from seqprobe.probes.bands import Trained, Variation, variation
from seqprobe.probes.probe import Members, Probe, by_member
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.score_drawing import draw_scores
from seqprobe.probes.table_scores import constant_score, join_batches, main_value, training_sets
from seqprobe.scoring import ACCURACY, RMSE, Role
from seqprobe.seeds import generator
from seqprobe.tasks.splits import Split
from seqprobe.tasks.tables.table_task import TableTask

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE, DURING_SIZE = 200, 50
"""Most sequences for each value, after training and on its snapshots."""


class TableProbe(Probe[TableTask]):
    """A probe of some values on recorded sequences."""

    scores = (RMSE, ACCURACY)
    varied: str
    splits: tuple[Split, ...] = ("val", "probe")
    """Where its sequences come from."""

    def __init__(self, size: int) -> None:
        self.size, self.has_levels = integer("size", size), True

    @abstractmethod
    def values(self, task: TableTask) -> Sequence[Any]:
        """What is probed: a label for each value is its text."""

    @abstractmethod
    def choose(self, task: TableTask, value: Any, candidates: np.ndarray) -> np.ndarray:
        """Those of the sequences ``candidates`` on which ``value`` is probed."""

    @abstractmethod
    def vary(self, task: TableTask, value: Any, sequences: np.ndarray, random: torch.Generator) -> Batch:
        """The batch of some sequences, changed as ``value`` says; ``task`` is bound to a seed."""

    @abstractmethod
    def trained(self, task: TableTask) -> Trained:
        """The values that training covers."""

    def variation(self, task: TableTask, values: Sequence[Any]) -> Variation:
        """How far the values are from those of training."""
        return variation(self.varied, values, self.trained(task), self.reach)

    def run(self, members: Members, task: TableTask, seeds: Sequence[int]) -> ProbeResult:
        values, bound = self.values(task), by_member(seeds, task.for_seed)
        scores, constants = np.empty((len(seeds), len(values))), np.empty((len(seeds), len(values)))
        train = training_sets(bound, seeds) if self.has_levels else []
        for column, value in enumerate(values):
            posed = by_member(seeds, partial(self.pose, dict(zip(seeds, bound, strict=True)), value))
            outputs = members.predict(join_batches([batch for batch, _ in posed]))
            for row, (batch, count) in enumerate(posed):
                scores[row, column] = main_value(task, outputs[row], batch, count)
                if self.has_levels:
                    constants[row, column] = constant_score(bound[row], train[row], batch, count)
        measure = task.main_score.name
        levels: dict[str, dict[Role, np.ndarray]] = {measure: {"constant": constants}} if self.has_levels else {}
        return ProbeResult(
            [str(value) for value in values], {measure: scores}, levels=levels, **self.variation(bound[0], values)
        )

    def pose(self, tasks: Mapping[int, TableTask], value: Any, seed: int) -> tuple[Batch, int]:
        """The sequences of one seed and how many they are; one that does not count where there is none.

        Args:
            tasks: the task as each seed has it.
        """
        random, task = generator(seed, "probes"), tasks[seed]
        candidates = self.candidates(task)
        chosen = self.choose(task, value, candidates)
        order = torch.randperm(len(chosen), generator=random).numpy()
        counted = np.sort(chosen[order[: self.size]])
        return self.vary(task, value, counted if len(counted) else candidates[:1], random), len(counted)

    def candidates(self, task: TableTask) -> np.ndarray:
        """The sequences of a seed's task from which it chooses."""
        return np.unique(np.concatenate([task.sequences[split] for split in self.splits]))

    def during_training(self) -> Self:
        """Fewer sequences, without the levels, which stay the same."""
        cheaper = copy.copy(self)
        cheaper.size, cheaper.has_levels = min(self.size, DURING_SIZE), False
        return cheaper

    def draw(self, result: ProbeResult, task: TableTask, title: str) -> Figure:
        (measure,) = result.scores
        label = f"{measure.upper()} of {', '.join(task.layout.targets)}" + (f" ({task.unit})" if task.unit else "")
        label = label if task.loss == "mse" else measure
        return draw_scores(result, {measure: label}, title, self.trained(task))
