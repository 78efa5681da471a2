"""Scores of members on recorded sequences, of which each member may have other ones, and other numbers of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from seqprobe.batch import Batch, stack_batches
from seqprobe.tasks.splits import draw_split
from seqprobe.tasks.tables.table_task import TableTask
from seqprobe.tasks.task import Task


def join_batches(batches: Sequence[Batch]) -> Batch:
    """The batches of all members along a new leading axis; shorter ones get padding and repeated sequences."""
    time = max(batch.inputs.shape[-2] for batch in batches)
    count = max(len(batch.lengths) for batch in batches)
    padded = [batch.pad(time) for batch in batches]
    places = [torch.arange(count).clamp(max=len(batch.lengths) - 1) for batch in padded]
    return stack_batches(
        [Batch(*(part[place] for part in batch.tensors)) for batch, place in zip(padded, places, strict=True)]
    )


def main_value(task: Task, outputs: np.ndarray, batch: Batch, count: int) -> float:
    """A member's RMSE or accuracy on the first ``count`` sequences of its batch; NaN for none, and if it diverged.

    Args:
        outputs: ``(sequences, …)``, for at least as many sequences and steps as the batch has.
    """
    real = batch.head(count)
    answers = torch.from_numpy(outputs[:count])
    if task.kind == "seq2seq":
        answers = answers[:, : real.inputs.shape[1]]
    if not count or not answers.isfinite().all():
        return float("nan")
    if task.loss == "cross_entropy":
        values = (answers.argmax(-1) == real.targets).double()
    else:
        values = (answers - real.targets).square().mean(-1)
    mean = float((values[real.mask] if task.kind == "seq2seq" else values).mean())
    return mean if task.loss == "cross_entropy" else mean**0.5


def constant_score(task: TableTask, train: Batch, batch: Batch, count: int) -> float:
    """The score of the best constant predictor of the training set on the first ``count`` sequences of a batch."""
    return task.reference_levels(train, batch.head(count))["constant"].score if count else float("nan")


def training_sets(tasks: Sequence[TableTask], seeds: Sequence[int]) -> list[Batch]:
    """The training set of each member, held once if all share it."""
    if tasks[0].is_shared:
        return [draw_split(tasks[0], "train", tasks[0].train_count, seeds[0])] * len(seeds)
    return [draw_split(task, "train", task.train_count, seed) for task, seed in zip(tasks, seeds, strict=True)]
