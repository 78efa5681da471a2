"""Some of a table's sequences: groups by a column, and sequences that are longer or cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, integer
from seqprobe.probes.bands import Trained, Variation, variation
from seqprobe.probes.probe import checked_list
from seqprobe.probes.table_probe import SIZE, TableProbe
from seqprobe.scoring import Band
from seqprobe.tasks.tables.layout import column_name
from seqprobe.tasks.tables.table_files import is_number
from seqprobe.tasks.tables.table_task import TableTask


class TableGroups(TableProbe):
    """Sequences by their group, a column of the table that is constant within each; groups may be text or numbers."""

    def __init__(self, column: str, size: int = SIZE) -> None:
        super().__init__(size)
        self.column = self.varied = column_name("column", column)

    def check(self, task: TableTask) -> None:
        super().check(task)
        try:
            task.table.groups(self.column)
        except InvalidValue as problem:
            raise InvalidValue("column", self.column, f"{problem.value}: {problem.allowed}") from problem

    def values(self, task: TableTask) -> Sequence[str]:
        codes, names = task.table.groups(self.column)
        seen = {names[code] for code in codes}
        return sorted(seen, key=lambda name: (0, float(name), name) if is_number(name) else (1, 0.0, name))

    def choose(self, task: TableTask, value: str, candidates: np.ndarray) -> np.ndarray:
        codes, names = task.table.groups(self.column)
        return candidates[codes[candidates] == list(names).index(value)]

    def vary(self, task: TableTask, value: str, sequences: np.ndarray, random: torch.Generator) -> Batch:
        return task.pose(sequences)

    def trained(self, task: TableTask) -> Trained:
        known = [float(name) for name in self.trained_groups(task) if is_number(name)]
        return (min(known), max(known)) if known else None

    def trained_groups(self, task: TableTask) -> set[str]:
        """The groups of the training set."""
        codes, names = task.table.groups(self.column)
        return {names[code] for code in np.unique(codes[task.sequences["train"]])}

    def variation(self, task: TableTask, values: Sequence[str]) -> Variation:
        if all(is_number(value) for value in values):
            return variation(self.varied, [float(value) for value in values], self.trained(task), self.reach)
        known = self.trained_groups(task)
        bands: list[Band] = ["inside" if value in known else "beyond" for value in values]
        return Variation(varied=self.varied, distances=None, bands=bands)


class TableLength(TableProbe):
    """Validation sequences that have so many steps, cut to them; longer than any, sequences set apart for probes.

    Those set apart may differ in more than their length, so that they would make a length of training look bad.

    Args:
        values: lengths in steps; None: a quarter, half, three quarters of the longest sequence, and all of it.
    """

    varied = "length (steps)"

    def __init__(self, values: Sequence[Any] | None = None, size: int = SIZE) -> None:
        super().__init__(size)
        self.lengths = None if values is None else checked_list("values", values, integer)

    def check(self, task: TableTask) -> None:
        super().check(task)
        if max(self.values(task)) > (longest := self.longest(task)):
            raise InvalidValue("values", self.lengths, f"the longest sequence to probe has {longest} steps")

    def longest(self, task: TableTask) -> int:
        """Steps of the longest sequence that validates or is set apart for probes."""
        return int(task.table.lengths[self.candidates(task)].max()) - task.shift

    def values(self, task: TableTask) -> Sequence[int]:
        longest = self.longest(task)
        return (
            sorted({max(1, longest * quarters // 4) for quarters in (1, 2, 3, 4)}) if not self.lengths else self.lengths
        )

    def choose(self, task: TableTask, value: int, candidates: np.ndarray) -> np.ndarray:
        long = candidates[task.table.lengths[candidates] - task.shift >= value]
        validating = np.intersect1d(long, task.sequences["val"])
        return validating if len(validating) else long

    def vary(self, task: TableTask, value: int, sequences: np.ndarray, random: torch.Generator) -> Batch:
        return task.pose(sequences, value)

    def trained(self, task: TableTask) -> Trained:
        """The lengths of training, up to that of the longest validation sequence."""
        train, val = (task.table.lengths[task.sequences[split]] - task.shift for split in ("train", "val"))
        return float(train.min()), float(max(train.min(), min(train.max(), val.max())))
