"""A turnstile that opens for two coins: coin or push goes in, WAIT or WALK comes out, at every step.

Rule: it starts locked. Two coins unlock it, with or without pushes in between; extra coins are ignored. A push at the
unlocked turnstile gives WALK and locks it again; everything else gives WAIT.

Worked examples (c a coin, p a push):

* ``p c c p p`` gives WAIT WAIT WAIT WALK WAIT.
* ``c p c c p`` gives WAIT WAIT WAIT WAIT WALK: a push after one coin loses nothing, a third coin wins nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, integer, interval
from seqprobe.tasks.task import Task

SYMBOLS = ("coin", "push")
STATES = ("locked", "one coin", "unlocked")
ANSWERS = ("WAIT", "WALK")
COIN, PUSH = range(2)
NEXT = torch.tensor([[1, 0], [2, 1], [2, 0]])
"""The state after each (state, symbol)."""
ANSWER = torch.tensor([[0, 0], [0, 0], [0, 1]])
"""The answer to each (state, symbol)."""


def operate(symbols: Tensor) -> tuple[Tensor, Tensor]:
    """Answers and the states after each step, ``(n, time)`` both, for ``symbols (n, time)`` from the locked state."""
    # A prefix scan (Hillis and Steele, 1986): composing transitions pairwise takes log2(time) passes, not one per step,
    # which for long sequences would be slower than the networks.
    leads, reach = NEXT.T[symbols], 1  # (n, time, 3): to which state the last ``reach`` steps lead from each
    while reach < symbols.shape[1]:
        leads[:, reach:] = leads[:, reach:].gather(-1, leads[:, :-reach])
        reach *= 2
    states = leads[..., 0]
    before = torch.nn.functional.pad(states[:, :-1], (1, 0))
    return ANSWER[before, symbols], states


def one_hot(symbols: Tensor) -> Batch:
    """``symbols (n, time)`` as one-hot inputs, with the turnstile's answers as targets."""
    inputs = torch.nn.functional.one_hot(symbols, len(SYMBOLS)).double()
    return Batch(inputs, operate(symbols)[0], torch.full((len(symbols),), symbols.shape[1]))


class Turnstile(Task):
    """Answer as the turnstile does, at every step (seq2seq).

    Args:
        coin_probability: of a coin at each step; a range ``[low, high]`` draws one uniformly for each sequence.
        length: steps in a sequence.
    """

    noun: ClassVar[str] = "a turnstile"

    def __init__(
        self,
        name: str,
        coin_probability: Any = 0.5,
        length: int = 20,
        train_size: int | None = 4_000,
        val_size: int = 500,
        batch_size: int = 32,
    ) -> None:
        self.coin_probability = interval("coin_probability", coin_probability)
        if not 0 <= self.coin_probability[0] <= self.coin_probability[1] <= 1:
            raise InvalidValue("coin_probability", coin_probability, "must be in [0, 1]")
        super().__init__(
            name=name,
            input_size=len(SYMBOLS),
            output_names=ANSWERS,
            kind="seq2seq",
            loss="cross_entropy",
            max_length=integer("length", length),
            train_size=train_size,
            val_size=val_size,
            batch_size=batch_size,
        )

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        return self.pose(n, self.max_length, self.coin_probability, generator)

    def pose(self, n: int, length: int, coin_probability: tuple[float, float], generator: torch.Generator) -> Batch:
        """Draw ``n`` sequences of any length and share of coins."""
        low, high = coin_probability
        share = low + (high - low) * torch.rand(n, 1, generator=generator, dtype=torch.float64)
        drawn = torch.rand(n, length, generator=generator, dtype=torch.float64)
        return one_hot(torch.where(drawn < share, COIN, PUSH))
