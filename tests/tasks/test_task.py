"""What every task has: the best constant predictor."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.seeds import generator
from seqprobe.tasks import Task

BLANK, SYMBOLS = 8, 8


class Copy(Task):
    """Blanks, then as many symbols to copy as there are ``copied`` steps; every other sequence ends ``early``."""

    def __init__(self, length: int, copied: int, early: int = 0) -> None:
        names = tuple(map(str, range(SYMBOLS + 1)))
        super().__init__("copy", 1, names, "seq2seq", "cross_entropy", length, 4_000, 4_000, 32)
        self.copied, self.early = copied, early

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        targets = torch.full((n, self.max_length), BLANK)
        targets[:, -self.copied :] = torch.randint(SYMBOLS, (n, self.copied), generator=generator)
        lengths = self.max_length - self.early * (torch.arange(n) % 2)
        return Batch(torch.zeros(n, self.max_length, 1), targets, lengths)


def drawn(task: Task, n: int = 4_000) -> list[Batch]:
    return [task.sample(n, generator(0, name)) for name in ("train_data", "validation_data")]


def test_the_constant_predictor_knows_the_step() -> None:
    """Of a copy task it knows when there is nothing to copy: 10 ln 8 / 120 nats, not .46."""
    task = Copy(120, 10)
    level = task.reference_levels(*drawn(task))["constant"]
    assert level.loss == pytest.approx(10 * math.log(8) / 120, rel=0.01)
    assert level.score == pytest.approx((110 + 10 / 8) / 120, abs=0.001)


def test_padding_counts_at_no_step() -> None:
    """Half of the sequences have no step to copy: 9 steps are blank in all of them, and a tenth is in half of them."""
    task = Copy(10, 1, early=1)
    train, val = drawn(task)
    level = task.reference_levels(train, val)["constant"]
    assert level.loss == pytest.approx(0.5 * math.log(8) / 9.5, rel=0.02)
    other = [replace(batch, targets=batch.targets.masked_fill(~batch.mask, 3)) for batch in (train, val)]
    assert task.reference_levels(*other)["constant"] == pytest.approx(level, abs=1e-12)
    assert task.reference_levels(train.pad(15), val.pad(12))["constant"] == pytest.approx(level, abs=1e-12)


def test_a_step_without_training_sequences_has_the_frequencies_of_all_steps() -> None:
    task = Copy(4, 1)
    train, _ = drawn(task, 90)
    frequencies = task.class_frequencies(train, 6)
    counts = torch.bincount(train.targets.flatten(), minlength=9) + 1
    torch.testing.assert_close(frequencies[4:], (counts / counts.sum()).double().expand(2, -1))
    torch.testing.assert_close(frequencies.sum(-1), torch.ones(6).double())
    assert frequencies[0].argmax() == BLANK
    assert frequencies[3].argmax() != BLANK
