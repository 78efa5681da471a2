"""What every task states: its sizes, its loss, how to sample it, and the levels its scores are read against."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.checks import choice, integer


class Task(ABC):
    """A function to learn from sequences. A task knows nothing of models.

    Attributes:
        name: the task's id and its MLflow experiment.
        input_size, output_size: features of inputs and outputs.
        kind: ``"seq2seq"`` (an output at every step) or ``"seq2vec"`` (one output, after the last step).
        loss: ``"mse"`` or ``"cross_entropy"``.
        max_length: longest sequence that ``sample`` draws, in steps.
        train_size, val_size: sequences in each member's training and validation set.
        batch_size: sequences in one update.
        output_names: a name for each output feature.
    """

    def __init__(
        self, name: str, input_size: int, output_names: tuple[str, ...], kind: str, loss: str, max_length: int,
        train_size: int, val_size: int, batch_size: int,
    ) -> None:  # fmt: skip
        self.name = name
        self.input_size = input_size
        self.output_names = output_names
        self.output_size = len(output_names)
        self.kind = choice("kind", kind, ("seq2seq", "seq2vec"))
        self.loss = choice("loss", loss, ("mse", "cross_entropy"))
        self.max_length = max_length
        self.train_size = integer("train_size", train_size)
        self.val_size = integer("val_size", val_size)
        self.batch_size = integer("batch_size", batch_size)

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Batch:
        """Draw ``n`` sequences, ``(n, time, features)`` in float64, from the task's own distribution."""

    def time_axis(self) -> tuple[Tensor, str]:
        """Where each of ``max_length`` steps lies on a figure's horizontal axis, and that axis's label."""
        return torch.arange(1, self.max_length + 1), "step"

    def settled_mask(self) -> Tensor | None:
        """``(max_length, output_size)`` booleans, false in a start-up stretch that ``val/rmse_settled`` leaves out."""
        return None

    def reference_levels(self, train: Batch, val: Batch) -> dict[str, float]:
        """Scores on ``val`` to read a model's ``val/rmse`` against, by name: the best constant predictor.

        The constant is the mean target of the training set (one per output feature).
        """
        if self.loss != "mse":
            return {}
        constant = self._counted_targets(train).mean(0)
        errors = self._counted_targets(val) - constant
        return {"constant predictor": float(errors.square().mean().sqrt())}

    def _counted_targets(self, batch: Batch) -> Tensor:
        """All targets that are not padding, ``(targets, output_size)``."""
        return batch.targets[batch.mask] if self.kind == "seq2seq" else batch.targets.flatten(0, -2)
