"""Remember a symbol over a lag: how far back can a network look?

Rule: the first step shows one of ``symbols`` symbols; ``lag`` steps of distractors follow, which with one kind of them
are blanks; the answer after the last step is the symbol.

Worked examples:

* 4 symbols and 1 distractor: symbol 2 over a lag of 3 is fed as the one-hot vectors 2, 4, 4, 4 of 5; the target is 2.
* 4 symbols and 4 distractors: symbol 2, then the distractors 0 3 1, is fed as 2, 4, 7, 5 of 8; the target is 2.
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.checks import integer
from seqprobe.scoring import Role
from seqprobe.tasks.task import Level, Task


class Remember(Task):
    """Predict the first symbol after a lag of random distractors (seq2vec)."""

    noun: ClassVar[str] = "a remember task"

    def __init__(
        self,
        name: str,
        lag: int = 20,
        symbols: int = 4,
        distractors: int = 1,
        train_size: int | None = 4_000,
        val_size: int = 500,
        batch_size: int = 32,
    ) -> None:
        self.symbols, self.distractors = integer("symbols", symbols, minimum=2), integer("distractors", distractors)
        super().__init__(
            name=name,
            input_size=symbols + distractors,
            output_names=tuple(map(str, range(symbols))),
            kind="seq2vec",
            loss="cross_entropy",
            max_length=1 + integer("lag", lag),
            train_size=train_size,
            val_size=val_size,
            batch_size=batch_size,
        )

    def reference_levels(self, train: Batch, val: Batch) -> dict[Role, Level]:
        return super().reference_levels(train, val) | {"chance": Level(1 / self.symbols, math.log(self.symbols))}

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        return self.pose(n, self.max_length - 1, generator)

    def pose(self, n: int, lag: int, generator: torch.Generator) -> Batch:
        """Draw ``n`` sequences with any lag."""
        symbol = torch.randint(self.symbols, (n, 1), generator=generator)
        between = self.symbols + torch.randint(self.distractors, (n, lag), generator=generator)
        inputs: Tensor = torch.nn.functional.one_hot(torch.cat([symbol, between], 1), self.input_size).double()
        return Batch(inputs, symbol[:, 0], torch.full((n,), lag + 1))
