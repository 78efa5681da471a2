"""How the columns of a table are normalised: by the mean and the standard deviation of the training set."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from seqprobe.scaling import Scaling
from seqprobe.tasks.tables.layout import Layout
from seqprobe.tasks.tables.sequences import SequenceTable

CONSTANT = 1e-12
"""A column whose standard deviation is smaller, relative to its mean, is constant but for rounding."""


def table_scaling(table: SequenceTable, layout: Layout, train: np.ndarray, is_constant: bool) -> Scaling:
    """The scaling of features and targets over the sequences ``train``; classes are not scaled.

    Args:
        is_constant: whether targets are the same throughout a sequence, so that each counts once.
    """
    rows = np.repeat(np.isin(np.arange(len(table.names)), train), table.lengths)
    target_rows = table.starts[train] if is_constant else rows
    input_mean, input_deviation = column_scales([table.columns[name][rows] for name in layout.features])
    if table.classes:
        count = len(table.classes)
        return Scaling(input_mean, input_deviation, torch.zeros(count).double(), torch.ones(count).double())
    targets = [table.columns[name][target_rows] for name in layout.targets]
    return Scaling(input_mean, input_deviation, *column_scales(targets))


def column_scales(columns: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """The mean and the standard deviation of each of some columns, ``(columns,)``; 1 for one that is constant."""
    means = torch.tensor([values.mean() for values in columns], dtype=torch.float64)
    deviations = torch.tensor([values.std() for values in columns], dtype=torch.float64)
    return means, torch.where(deviations <= CONSTANT * means.abs(), 1.0, deviations)
