"""Each member's own data, and which of it every update sees: a pure function of (seed, step)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytorch_lightning as lightning
import torch
from torch import Tensor

from seqprobe.batch import Batch, stack
from seqprobe.seeds import generator, stream
from seqprobe.tasks import Task


def batch_indices(seed: int, steps: range, batch_size: int, train_size: int) -> np.ndarray:
    """Which training sequences the updates ``steps`` of a seed see: ``(len(steps), batch_size)``.

    Updates read one endless sequence of freshly shuffled passes over the training set, ``batch_size`` at a time.
    """
    order = stream(seed, "order")
    first, last = steps.start * batch_size, steps.stop * batch_size
    passes = range(first // train_size, -(-last // train_size))
    shuffled = np.concatenate(
        [np.random.default_rng([*order.generate_state(4), index]).permutation(train_size) for index in passes]
    )
    start = first - passes.start * train_size
    return shuffled[start : start + last - first].reshape(len(steps), batch_size)


@dataclass(frozen=True)
class Spans:
    """The updates ``start`` … ``stop - 1``, as ``(start, stop)`` pairs of at most ``longest`` updates each."""

    start: int
    stop: int
    longest: int

    def __len__(self) -> int:
        return -(-(self.stop - self.start) // self.longest)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for start in range(self.start, self.stop, self.longest):
            yield start, min(start + self.longest, self.stop)


class PopulationData(lightning.LightningDataModule):
    """The data of all members with a leading ``seeds`` axis, and the schedule of updates.

    A Lightning epoch is the updates between two validations; a Lightning batch is a span of updates, at most
    ``updates_per_batch`` long, so that Lightning's own cost is paid once for many updates.
    """

    def __init__(
        self, task: Task, seeds: Sequence[int], max_steps: int, val_every: int, updates_per_batch: int
    ) -> None:
        super().__init__()
        self.task, self.seeds = task, list(seeds)
        self.max_steps, self.val_every, self.updates_per_batch = max_steps, val_every, updates_per_batch
        self.train = stack([task.sample(task.train_size, generator(seed, "train_data")) for seed in seeds])
        self.val = stack([task.sample(task.val_size, generator(seed, "validation_data")) for seed in seeds])

    def reference_levels(self) -> dict[str, np.ndarray]:
        """The task's reference levels on each member's own data, ``(seeds,)`` by name."""
        each = [self.task.reference_levels(self.train.member(i), self.val.member(i)) for i in range(len(self.seeds))]
        return {name: np.array([levels[name] for levels in each]) for name in each[0]}

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Put all data where the population is, once."""
        self.train, self.val = self.train.to(device, dtype), self.val.to(device, dtype)

    def train_dataloader(self) -> Spans:
        """The updates of the current epoch."""
        epoch = self.trainer.current_epoch if self.trainer is not None else 0
        stop = min((epoch + 1) * self.val_every, self.max_steps)
        return Spans(epoch * self.val_every, stop, self.updates_per_batch)

    def val_dataloader(self) -> Spans:
        """One span: validation always sees the whole set."""
        return Spans(0, 1, 1)

    def minibatches(self, steps: range) -> Iterator[Batch]:
        """The minibatch of every update in ``steps``, gathered by index where the data lies."""
        size, count = self.task.batch_size, self.task.train_size
        indices = np.stack([batch_indices(seed, steps, size, count) for seed in self.seeds], 1)
        on_device: Tensor = torch.from_numpy(indices).to(self.train.inputs.device)
        for at_step in on_device:
            yield self.train.gather(at_step)
