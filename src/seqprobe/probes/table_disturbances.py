"""A table's validation sequences with disturbed inputs: noise, and steps that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from seqprobe.batch import Batch, mask_padding
from seqprobe.checks import InvalidValue, number
from seqprobe.probes.bands import Trained
from seqprobe.probes.probe import checked_list
from seqprobe.probes.table_probe import SIZE, TableProbe
from seqprobe.tasks.tables.table_task import TableTask


class TableNoise(TableProbe):
    """Gaussian noise on the inputs.

    Args:
        values: the noise's standard deviations, as shares of each feature's standard deviation in the training set.
    """

    varied = "noise (standard deviations of the inputs)"
    reach = 0.2
    splits = ("val",)

    def __init__(self, values: Sequence[Any], size: int = SIZE) -> None:
        super().__init__(size)
        self.deviations = checked_list("values", values, deviation)

    def values(self, task: TableTask) -> Sequence[float]:
        return self.deviations

    def choose(self, task: TableTask, value: float, candidates: np.ndarray) -> np.ndarray:
        return candidates

    def vary(self, task: TableTask, value: float, sequences: np.ndarray, random: torch.Generator) -> Batch:
        batch = task.pose(sequences)
        noise = torch.randn(batch.inputs.shape, generator=random, dtype=torch.float64) * task.scaling().input_deviation
        return replace(batch, inputs=mask_padding(batch.inputs + value * noise, batch.lengths))

    def trained(self, task: TableTask) -> Trained:
        return 0.0, 0.0


class TableMissing(TableProbe):
    """Steps whose inputs are missing, so that the last known ones take their place; the first step is always known.

    Args:
        values: shares of the steps that are missing.
    """

    varied = "share of missing steps"
    reach = 0.3
    splits = ("val",)

    def __init__(self, values: Sequence[Any], size: int = SIZE) -> None:
        super().__init__(size)
        self.shares = checked_list("values", values, share)

    def values(self, task: TableTask) -> Sequence[float]:
        return self.shares

    def choose(self, task: TableTask, value: float, candidates: np.ndarray) -> np.ndarray:
        return candidates

    def vary(self, task: TableTask, value: float, sequences: np.ndarray, random: torch.Generator) -> Batch:
        batch = task.pose(sequences)
        known = torch.rand(batch.inputs.shape[:2], generator=random, dtype=torch.float64) >= value
        known[:, 0] = True
        last = torch.where(known, torch.arange(known.shape[1]), 0).cummax(1).values
        inputs = batch.inputs.gather(1, last.unsqueeze(-1).expand_as(batch.inputs))
        return replace(batch, inputs=mask_padding(inputs, batch.lengths))

    def trained(self, task: TableTask) -> Trained:
        return 0.0, 0.0


def deviation(key: str, value: Any) -> float:
    """Return ``value`` if it is a number from 0 on.

    Raises:
        InvalidValue: it is not.
    """
    if number(key, value) < 0:
        raise InvalidValue(key, value, "must be >= 0")
    return float(value)


def share(key: str, value: Any) -> float:
    """Return ``value`` if it is a number from 0 to 1.

    Raises:
        InvalidValue: it is not.
    """
    if not 0 <= number(key, value) <= 1:
        raise InvalidValue(key, value, "must be in 0 … 1")
    return float(value)
