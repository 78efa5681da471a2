"""Fresh training sequences for every update: a pure function of (seed, update), as papers on synthetic tasks train."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from seqprobe.batch import Batch, join_members
from seqprobe.seeds import numbered_generator
from seqprobe.tasks import Task

BLOCK = 32
"""Updates whose sequences are drawn together. Another number would draw other sequences."""


class FreshSequences:
    """The sequences of all members for a block of updates; a later block replaces them."""

    def __init__(self, task: Task, seeds: Sequence[int]) -> None:
        self.task, self.seeds = task, list(seeds)
        self._drawn: tuple[int, Batch] | None = None

    def minibatches(self, steps: range, device: torch.device, dtype: torch.dtype) -> Iterator[Batch]:
        """The minibatch of every update in ``steps``, ``(seeds, batch_size, …)`` each."""
        size = self.task.batch_size
        for step in steps:
            block, place = divmod(step, BLOCK)
            sequences = self._block(block, device, dtype)
            chosen = torch.arange(place * size, (place + 1) * size, device=sequences.lengths.device)
            yield sequences.gather(chosen.repeat(len(self.seeds), 1))

    def _block(self, index: int, device: torch.device, dtype: torch.dtype) -> Batch:
        """The sequences of the updates from ``index · BLOCK`` on; the last block stays for the next updates."""
        if self._drawn is None or self._drawn[0] != index or self._drawn[1].inputs.device != device:
            count = BLOCK * self.task.batch_size
            drawn = (
                self.task.for_seed(seed).sample_split("train", count, numbered_generator(seed, "fresh_data", index))
                for seed in self.seeds
            )
            self._drawn = index, join_members((batch.to("cpu", dtype) for batch in drawn), len(self.seeds)).to(device)
        return self._drawn[1]
