"""How long and where to train; light to import, so that configurations compose without Lightning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seqprobe.checks import InvalidValue, choice, integer, number

ACCELERATORS = ("auto", "cpu", "gpu", "cuda", "mps")
PRECISIONS: dict[str, Literal["32-true", "64-true"]] = {"32-true": "32-true", "64-true": "64-true"}
"""What may be written, and what Lightning's annotations take it for."""


@dataclass
class TrainerSettings:
    """How long and where to train. Intervals count optimizer updates per member.

    Attributes:
        max_steps: updates of every member; with 0 it is only validated and probed.
        val_every: updates between validations; None validates about 20 times.
        log_every: updates averaged into one recorded training loss; None records about 150.
        reshuffle: whether every pass over the training set has an order of its own; false repeats the first.
        gradient_clip: each member's largest gradient norm, or None.
        memory_gib: GiB that the training may take; members that do not fit together are trained one group after the
            other, with the same results up to rounding. None takes a third of what is free.
        checkpoint_seconds: minimum seconds between checkpoints, from which an interrupted training goes on; 0 saves
            after every stretch of updates.
    """

    max_steps: int
    val_every: int | None = None
    log_every: int | None = None
    reshuffle: bool = True
    gradient_clip: float | None = None
    accelerator: str = "auto"
    precision: str = "32-true"
    memory_gib: float | None = None
    checkpoint_seconds: float = 10.0

    def __post_init__(self) -> None:
        integer("max_steps", self.max_steps, minimum=0)
        integer("val_every", 1 if self.val_every is None else self.val_every)
        integer("log_every", 1 if self.log_every is None else self.log_every)
        choice("accelerator", self.accelerator, ACCELERATORS)
        choice("precision", self.precision, PRECISIONS)
        if self.gradient_clip is not None and number("gradient_clip", self.gradient_clip) <= 0:
            raise InvalidValue("gradient_clip", self.gradient_clip, "must be > 0, or null")
        if self.memory_gib is not None and number("memory_gib", self.memory_gib) <= 0:
            raise InvalidValue("memory_gib", self.memory_gib, "must be > 0, or null")
        if number("checkpoint_seconds", self.checkpoint_seconds) < 0:
            raise InvalidValue("checkpoint_seconds", self.checkpoint_seconds, "must be >= 0")

    @property
    def validation_interval(self) -> int:
        """Updates between validations."""
        return self.val_every or max(1, self.max_steps // 20)

    @property
    def log_interval(self) -> int:
        """Updates in one recorded training loss."""
        return self.log_every or max(1, self.max_steps // 150)
