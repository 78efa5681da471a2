"""The inverse of a wavy function: noisy values f(z), f(z - 1), f(z - 2) … are the inputs, z is the target.

Rule: z is uniform in ``targets``; step k of a sequence feeds f(z - k) with Gaussian noise, and the answer after the
last step is z. f(z) = 2 + 0.5 sin(z/2 - 1) + sin(z) + sin(2z + 2) + sin(z/4 + 1) takes most values several times, so
that one input alone does not determine z; their number bounds the error of any network (`Inverse.posterior_mean`).

Worked examples, without noise:

* z = 0 feeds f(0) = 3.3300, f(-1) = 1.3414, f(-2) = 0.2062 (then scaled, see `Inverse`); the target is 0.
* z = 10 with two inputs feeds f(10) = 0.7179 and f(9) = 3.0415, then zeros as padding; the target is 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from seqprobe.batch import Batch, length_mask
from seqprobe.checks import InvalidValue, integer, interval, number
from seqprobe.scoring import Role
from seqprobe.tasks.task import Level, Task

GRID = 1001
"""Points over ``targets`` on which the posterior is computed."""
AT_ONCE = 64
"""Sequences whose posteriors are computed together: so many stay in the processor's second-level cache."""
STEEPEST = 3.5
"""No slope of f is larger."""


def wavy(z: Tensor) -> Tensor:
    """f(z), elementwise."""
    return 2 + 0.5 * torch.sin(z / 2 - 1) + torch.sin(z) + torch.sin(2 * z + 2) + torch.sin(z / 4 + 1)


def observations(z: Tensor, count: int) -> Tensor:
    """f(z), f(z - 1) … for ``z (n,)``: ``(n, count)``."""
    return wavy(z.unsqueeze(1) - torch.arange(count, dtype=z.dtype))


class Inverse(Task):
    """Predict z from noisy values of f at z, z - 1, z - 2 … (seq2vec).

    Inputs are scaled with the mean and the standard deviation of all inputs that the task can draw, padding left out.

    Args:
        lengths: how many inputs a sequence may have, equally likely.
        noise: standard deviation of the inputs' noise, before scaling.
        targets: range of z.
    """

    noun: ClassVar[str] = "an inverse task"

    def __init__(
        self,
        name: str,
        lengths: Sequence[int] = (3,),
        noise: float = 0.1,
        targets: Sequence[float] = (0, 10),
        train_size: int | None = 35_000,
        val_size: int = 3_000,
        batch_size: int = 20,
    ) -> None:
        if isinstance(lengths, str) or not isinstance(lengths, Sequence) or not lengths:
            raise InvalidValue("lengths", lengths, "must be a list of one or more lengths")
        self.lengths = torch.tensor(sorted({integer("lengths", length) for length in lengths}))
        self.noise = number("noise", noise)
        if self.noise < 0:
            raise InvalidValue("noise", noise, "must be >= 0")
        self.low, self.high = interval("targets", targets)
        if self.low == self.high:
            raise InvalidValue("targets", targets, "must be a range [low, high] with low < high")
        super().__init__(
            name=name,
            input_size=1,
            output_names=("z",),
            kind="seq2vec",
            loss="mse",
            max_length=int(self.lengths.max()),
            train_size=train_size,
            val_size=val_size,
            batch_size=batch_size,
        )
        self.mean, self.deviation = self._scale()

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        z = self.low + (self.high - self.low) * torch.rand(n, generator=generator, dtype=torch.float64)
        lengths = self.lengths[torch.randint(len(self.lengths), (n,), generator=generator)]
        return self.pose(z, lengths, self.noise, generator)

    def pose(self, z: Tensor, lengths: Tensor, noise: float, generator: torch.Generator) -> Batch:
        """Ask for any ``z (n,)`` from ``lengths (n,)`` inputs with the given noise: a batch of ``n`` sequences."""
        clean = observations(z, max(self.max_length, int(lengths.max())))
        noisy = clean + noise * torch.randn(clean.shape, generator=generator, dtype=torch.float64)
        scaled = ((noisy - self.mean) / self.deviation).masked_fill(~length_mask(lengths, clean.shape[1]), 0)
        return Batch(scaled.unsqueeze(-1), z.unsqueeze(-1), lengths)

    def posterior_mean(
        self, batch: Batch, noise: float | None = None, targets: tuple[float, float] | None = None
    ) -> Tensor:
        """The best possible answers ``(n,)`` of whoever knows f, the noise and the range of z.

        Args:
            noise: that of ``batch``; None: the task's.
            targets: the range of z; None: the task's.
        """
        low, high = targets or (self.low, self.high)
        z = torch.linspace(low, high, GRID, dtype=torch.float64)
        spread = max(self.noise if noise is None else noise, STEEPEST * (high - low) / (GRID - 1))  # a grid is coarse
        seen = batch.inputs[..., 0].double() * self.deviation + self.mean
        values, mask = observations(z, seen.shape[1]).T, batch.mask.double()
        # seen f - f²/2, which differs from -(seen - f)²/2 by what is the same for every z
        factors = torch.cat([seen * mask, mask], 1)
        terms = torch.cat([values, values.square() / -2]) / spread**2
        return torch.cat([torch.softmax(some @ terms, 1) @ z for some in factors.split(AT_ONCE)])

    def reference_levels(self, train: Batch, val: Batch) -> dict[Role, Level]:
        loss = float((self.posterior_mean(val) - val.targets[:, 0]).square().mean())
        return super().reference_levels(train, val) | {"floor": Level(loss**0.5, loss)}

    def _scale(self) -> tuple[float, float]:
        """Mean and standard deviation of the inputs, over z, lengths and noise."""
        z = torch.linspace(self.low, self.high, 10 * GRID, dtype=torch.float64)
        values = observations(z, self.max_length)
        how_often = (self.lengths.unsqueeze(1) > torch.arange(self.max_length)).double().sum(0)
        share = how_often / how_often.sum()
        mean = values.mean(0) @ share
        variance = (values - mean).square().mean(0) @ share + self.noise * self.noise
        return float(mean), float(variance.sqrt())
