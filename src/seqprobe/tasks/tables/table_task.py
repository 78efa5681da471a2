"""Learn from a table of recorded sequences, in long format: a row for each step of each sequence.

Rule: the inputs of a step are the features of its row. The target is that of the row (seq2seq), or the one that all
rows of a sequence have (seq2vec); with ``shift``, the target of the row so many steps later.

Worked examples, for the rows (id, t, x, z) = (a, 0, 1.5, 10), (a, 1, 2.5, 20), (b, 0, 3.5, 30):

* ``features=[x] targets=[z]`` has two sequences: a feeds 1.5, 2.5 for the targets 10, 20; b feeds 3.5 for 30.
* ``features=[x] targets=[x] shift=1`` predicts the next x: a feeds 1.5 for the target 2.5; b is too short.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from seqprobe.batch import Batch, length_mask
from seqprobe.checks import InvalidValue, choice, integer, user_path
from seqprobe.scaling import Scaling
from seqprobe.scoring import Role
from seqprobe.tasks.splits import Split
from seqprobe.tasks.tables.layout import Layout, check_roles, column_name, column_names
from seqprobe.tasks.tables.sequences import load_sequences
from seqprobe.tasks.tables.table_files import table_files
from seqprobe.tasks.tables.table_scaling import table_scaling
from seqprobe.tasks.tables.table_splits import checked_share, drawn_splits, stated_splits
from seqprobe.tasks.task import KINDS, LOSSES, Level, Task


class TableTask(Task):
    """Predict the targets of recorded sequences from their features. Batches are in the units of the files.

    Args:
        path: a CSV or Parquet file, or a folder of them.
        sequence: the column that names the sequence of each row.
        features: columns of inputs.
        targets: columns to predict, or one column of classes.
        step: the column that orders the rows of a sequence; None: they are in order.
        kind: ``"seq2seq"`` or ``"seq2vec"``.
        loss: ``"mse"`` or ``"cross_entropy"``; None: cross-entropy if the target is text.
        split: the column that says ``train``, ``val`` or ``probe`` for each sequence.
        val_share: without ``split``, the share of sequences that validate, drawn by the seed; None: 0.2.
        shift: how many steps later the target is; 1 for the next step.
        name: None: the file's name without its ending.
        unit: of the targets.

    Raises:
        InvalidValue: an argument does not fit, or something in the files, which is named by file, row and column.
    """

    noun: ClassVar[str] = "a table"
    path_keys: ClassVar[tuple[str, ...]] = ("path",)

    def __init__(
        self,
        path: str,
        sequence: str,
        features: Sequence[str],
        targets: Sequence[str],
        step: str | None = None,
        kind: str = "seq2seq",
        loss: str | None = None,
        split: str | None = None,
        val_share: float | None = None,
        shift: int = 0,
        name: str | None = None,
        unit: str = "",
        batch_size: int = 32,
    ) -> None:
        if path is None:
            raise InvalidValue("path", path, "must be a .csv or .parquet file, or a folder of them")
        self.path, self.unit = user_path("path", path), str(unit)
        self.shift = integer("shift", shift, minimum=0)
        if self.shift and choice("kind", kind, KINDS) == "seq2vec":
            raise InvalidValue("shift", shift, "must be 0 with kind=seq2vec, which has one target per sequence")
        self.val_share = checked_share(val_share, split)
        self.layout = Layout(
            column_name("sequence", sequence),
            step and column_name("step", step),
            column_names("features", features),
            column_names("targets", targets),
            split and column_name("split", split),
            is_constant=kind == "seq2vec",
            classes=None if loss is None else choice("loss", loss, LOSSES) == "cross_entropy",
        )
        check_roles(self.layout)
        self.table = load_sequences(self.path, self.layout)
        self.check_sequences()
        self.sequences = self.split_sequences(0)
        self._scaling: Scaling | None = None
        trained = np.concatenate([self.sequences["train"], self.sequences["val"]])
        super().__init__(
            name=self.path.stem if name is None else name,
            input_size=len(self.layout.features),
            output_names=self.table.classes or self.layout.targets,
            kind=kind,
            loss="cross_entropy" if self.table.classes else "mse",
            max_length=int(self.table.lengths[trained].max()) - self.shift,
            train_size=len(self.sequences["train"]),
            val_size=len(self.sequences["val"]),
            batch_size=batch_size,
        )

    @property
    def is_shared(self) -> bool:
        return self.table.parts is not None

    def for_seed(self, seed: int) -> Self:
        if self.is_shared:
            return self
        task = copy.copy(self)
        task._scaling = None
        task.sequences = self.split_sequences(seed)
        return task

    def split_sequences(self, seed: int) -> dict[Split, np.ndarray]:
        """The sequences of each split, by their numbers in the table."""
        if self.table.parts is not None:
            return stated_splits(self.table.parts)
        return drawn_splits(len(self.table.names), self.val_share, seed)

    def files(self) -> Sequence[Path]:
        return table_files(self.path)

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        return self.sample_split("train", n, generator)

    def sample_split(self, split: Split, n: int, generator: torch.Generator) -> Batch:
        """The first ``n`` sequences of a split, again from the first where there are fewer; for probes any ``n``."""
        known = self.sequences[split]
        order = torch.randperm(len(known), generator=generator).numpy() if split == "probe" else np.arange(len(known))
        return self.pose(known[order[np.arange(n) % len(known)]], None if split == "probe" else self.max_length)

    def pose(self, sequences: np.ndarray, time: int | None = None) -> Batch:
        """The batch of some sequences, by their numbers in the table; longer ones than ``time`` are cut."""
        lengths = torch.from_numpy(self.table.lengths[sequences] - self.shift)
        time = int(lengths.max()) if time is None else time
        lengths = lengths.clamp(max=time)
        columns, targets = self.table.columns, self.layout.targets
        inputs = torch.stack([self.padded(columns[name], sequences, time) for name in self.layout.features], -1)
        inputs = inputs.masked_fill(~length_mask(lengths, time).unsqueeze(-1), 0)
        if self.kind == "seq2vec":
            values = [torch.from_numpy(columns[name][self.table.starts[sequences]]) for name in targets]
        else:
            values = [self.padded(columns[name], sequences, time, self.shift) for name in targets]
        return Batch(inputs, values[0] if self.table.classes else torch.stack(values, -1), lengths)

    def padded(self, values: np.ndarray, sequences: np.ndarray, time: int, shift: int = 0) -> Tensor:
        """Values ``(rows,)`` of some sequences from their row ``shift`` on, ``(sequences, time)``."""
        return torch.from_numpy(self.table.padded(values, sequences, time, shift))

    def scaling(self) -> Scaling:
        if self._scaling is None:
            is_constant = self.kind == "seq2vec"
            self._scaling = table_scaling(self.table, self.layout, self.sequences["train"], is_constant)
        return self._scaling

    def frame_columns(self) -> dict[str, Any]:
        return {"sequence": self.layout.sequence, "features": list(self.layout.features)}

    def time_axis(self) -> tuple[Tensor, str]:
        return torch.arange(self.max_length) * self.table.step_size, self.layout.step or "row"

    def reference_levels(self, train: Batch, val: Batch) -> dict[Role, Level]:
        """The loss of a regression is of normalised targets."""
        levels = super().reference_levels(train, val)
        if self.loss == "cross_entropy":
            return levels
        mean, deviation = self.counted_targets(train).mean(0), self.scaling().output_deviation
        loss = ((self.counted_targets(val) - mean) / deviation).square().mean()
        return {**levels, "constant": Level(levels["constant"].score, float(loss))}

    def check_sequences(self) -> None:
        """Refuse sequences that are too short to have a target, and a lone one.

        Raises:
            InvalidValue: there is one.
        """
        if len(self.table.names) < 2:
            raise InvalidValue("path", self.path, "has one sequence; training and validation need one each")
        if (short := self.table.lengths <= self.shift).any():
            name = self.table.names[int(short.argmax())]
            wrong = f"sequence {name} has no more than {self.shift} rows, so none with a target"
            raise InvalidValue("shift", self.shift, wrong)
