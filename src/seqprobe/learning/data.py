"""Each member's own data, and which of it every update sees: a pure function of (seed, step)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from seqprobe.batch import Batch, join_members
from seqprobe.learning.fresh_data import FreshSequences
from seqprobe.learning.levels import Levels
from seqprobe.learning.lightning_import import lightning
from seqprobe.seeds import stream, update_numbers
from seqprobe.tasks import Task
from seqprobe.tasks.splits import Split, draw_split


class Order:
    """Which training sequences the updates of one seed see.

    Updates read one endless sequence of passes over the training set, ``batch_size`` at a time. Every pass is freshly
    shuffled, or with ``reshuffle=False`` the first one is repeated.
    """

    def __init__(self, seed: int, batch_size: int, train_size: int, reshuffle: bool = True) -> None:
        self.batch_size, self.train_size, self.reshuffle = batch_size, train_size, reshuffle
        self._state = stream(seed, "order").generate_state(4)
        self._passes: dict[int, np.ndarray] = {}

    def indices(self, steps: range) -> np.ndarray:
        """The sequences that the updates ``steps`` see: ``(len(steps), batch_size)``."""
        first, last = steps.start * self.batch_size, steps.stop * self.batch_size
        passes = range(first // self.train_size, -(-last // self.train_size))
        shuffled = np.concatenate([self._pass(index) for index in passes])
        self._passes = {index: order for index, order in self._passes.items() if index == passes[-1]}
        start = first - passes.start * self.train_size
        return shuffled[start : start + last - first].reshape(len(steps), self.batch_size)

    def _pass(self, index: int) -> np.ndarray:
        """A shuffled pass; the last one stays, because the next updates go on in it."""
        if self.train_size == 1:
            return np.zeros(1, dtype=np.int32)
        if index not in self._passes:
            which = index if self.reshuffle else 0
            drawn = np.random.default_rng([*self._state, which]).permutation(self.train_size)
            self._passes[index] = drawn.astype(np.int32)
        return self._passes[index]


def draw_sequences(task: Task, size: int, seeds: Sequence[int], split: Split, dtype: torch.dtype) -> Batch:
    """``size`` sequences of a split for every member, each from its seed's stream, held once: ``(seeds, size, …)``."""
    if task.is_shared:
        return draw_split(task, split, size, seeds[0]).to("cpu", dtype).repeat(len(seeds))
    return join_members((draw_split(task, split, size, seed).to("cpu", dtype) for seed in seeds), len(seeds))


GATHERED = 2**20
"""Input numbers that are gathered at once, for as many updates as they make."""


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
        self,
        task: Task,
        seeds: Sequence[int],
        max_steps: int,
        val_every: int,
        updates_per_batch: int,
        dtype: torch.dtype = torch.float64,
        reshuffle: bool = True,
    ) -> None:
        super().__init__()
        self.task, self.seeds = task, list(seeds)
        self.max_steps, self.val_every, self.updates_per_batch = max_steps, val_every, updates_per_batch
        self.orders = [Order(seed, task.batch_size, task.train_count, reshuffle) for seed in seeds]
        self.fresh = FreshSequences(task, seeds) if task.train_size is None else None
        self.train = draw_sequences(task, task.train_count, seeds, "train", dtype)
        self.val = draw_sequences(task, task.val_size, seeds, "val", dtype)

    def reference_levels(self) -> dict[str, Levels]:
        """The task's reference levels on each member's own data: scores and losses ``(seeds,)``, by role."""
        by_member = [
            self.task.for_seed(seed).reference_levels(
                *(data.member(i).to("cpu", torch.float64) for data in (self.train, self.val))
            )
            for i, seed in enumerate(self.seeds[:1] if self.task.is_shared else self.seeds)
        ]
        by_member *= len(self.seeds) // len(by_member)
        return {
            name: Levels(*(np.array(values) for values in zip(*(levels[name] for levels in by_member), strict=True)))
            for name in by_member[0]
        }

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Put all data where the population is, once."""
        self.train, self.val = self.train.to(device, dtype), self.val.to(device, dtype)

    def train_dataloader(self) -> Spans:
        """The updates from what is done up to the next validation."""
        module = None if self.trainer is None else self.trainer.lightning_module
        done = int(getattr(module, "updates_done", 0))
        stop = min((done // self.val_every + 1) * self.val_every, self.max_steps)
        return Spans(done, stop, self.updates_per_batch)

    def val_dataloader(self) -> Spans:
        """One span: validation always sees the whole set."""
        return Spans(0, 1, 1)

    def numbers(self, steps: range) -> Iterator[tuple[int, ...]]:
        """For every update in ``steps``, a number for each member, see `update_numbers`."""
        return zip(*(update_numbers(seed, steps) for seed in self.seeds), strict=True)

    def minibatches(self, steps: range) -> Iterator[Batch]:
        """The minibatch of every update in ``steps``, on the data's device: gathered by index, or fresh."""
        if self.fresh is not None:
            yield from self.fresh.minibatches(steps, self.train.inputs.device, self.train.inputs.dtype)
            return
        indices = torch.from_numpy(np.stack([order.indices(steps) for order in self.orders], 1))
        on_device: Tensor = indices.to(self.train.inputs.device, torch.long)
        at_once = max(1, GATHERED // (on_device[0].numel() * self.train.inputs[0, 0].numel()))
        for piece in on_device.split(at_once):
            yield from self.train.gather(piece).unbind()
