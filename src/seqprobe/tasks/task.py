"""What every task states: its sizes, its loss, how to sample it, and the levels its scores are read against."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.checks import choice, integer
from seqprobe.constructed import Constructed
from seqprobe.learned import DEFAULT_LIMITS, OutcomeLimits
from seqprobe.scaling import Scaling
from seqprobe.scoring import ACCURACY, RMSE, Role, Score
from seqprobe.tasks.splits import Split
from seqprobe.tasks.validation_measures import MEASURES, Measure

STAND_IN = 2_000
"""Training sequences from which a task without a training set has its reference levels and figures."""
KINDS, LOSSES = ("seq2seq", "seq2vec"), ("mse", "cross_entropy")
"""What a task may be, and be trained to lessen."""


class Level(NamedTuple):
    """The scores of something other than a trained network, to compare with.

    Attributes:
        score: as the validation's main score, such as ``val/rmse`` or ``val/accuracy``.
        loss: as ``val/loss``.
    """

    score: float
    loss: float


class Task(Constructed, ABC):
    """A function to learn from sequences. A task knows nothing of models.

    Attributes:
        name: the task's id and its MLflow experiment.
        input_size, output_size: features of inputs and outputs.
        kind: ``"seq2seq"`` (an output at every step) or ``"seq2vec"`` (one output, after the last step).
        loss: ``"mse"`` or ``"cross_entropy"``.
        max_length: longest sequence that ``sample`` draws, in steps.
        train_size, val_size, batch_size: sequences in each member's training and validation set, and in one update;
            with ``train_size=None`` there is no training set: every update draws sequences of its own.
        output_names: a name for each output feature, or class.
        unit: of the targets, empty where they have none.
        outcome_limits: how much of the gap between the best constant and the best possible predictor a member has to
            close to have learned the task, and to have solved it.
    """

    noun: ClassVar[str] = ""
    """What messages call tasks of this class, with its article: ``a curve task``."""
    path_keys: ClassVar[tuple[str, ...]] = ()
    """Arguments that are paths of `files`: of them, the contents and the last part decide a result."""
    unit: str = ""
    outcome_limits: OutcomeLimits = DEFAULT_LIMITS

    def __init__(
        self,
        name: str,
        input_size: int,
        output_names: tuple[str, ...],
        kind: str,
        loss: str,
        max_length: int,
        train_size: int | None,
        val_size: int,
        batch_size: int,
    ) -> None:
        self.name = name
        self.input_size, self.output_size = input_size, len(output_names)
        self.output_names = output_names
        self.kind = choice("kind", kind, KINDS)
        self.loss = choice("loss", loss, LOSSES)
        self.max_length = max_length
        self.train_size = None if train_size is None else integer("train_size", train_size)
        self.val_size = integer("val_size", val_size)
        self.batch_size = integer("batch_size", batch_size)

    @classmethod
    def description(cls) -> str:
        """`noun`, or the class's name where it states none."""
        return cls.__dict__.get("noun", f"a {cls.__name__} task")

    @property
    def train_count(self) -> int:
        """The sequences in each member's training set, or of the sample that stands in for it."""
        return STAND_IN if self.train_size is None else self.train_size

    @property
    def main_score(self) -> Score:
        """The validation score by which networks are compared: accuracy, or the RMSE in the targets' unit."""
        return ACCURACY if self.loss == "cross_entropy" else replace(RMSE, unit=self.unit)

    def measures(self) -> Mapping[str, Measure]:
        """What validation measures beside the loss and RMSE or accuracy, by the name of the score.

        By default the main score, if it is a well-known one of `MEASURES`; a task with a score of its own overrides
        this.
        """
        name = self.main_score.name
        return {name: MEASURES[name]} if self.loss == "mse" and name in MEASURES else {}

    @abstractmethod
    def sample(self, n: int, generator: torch.Generator) -> Batch:
        """Draw ``n`` sequences, ``(n, time, features)`` in float64, from the task's own distribution."""

    def sample_split(self, split: Split, n: int, generator: torch.Generator) -> Batch:
        """Draw ``n`` sequences for training (``"train"``), validation (``"val"``) or probes (``"probe"``).

        By default `sample`, whatever the split: seeds draw all of them from streams that are independent. A task that
        holds data out overrides this.
        """
        return self.sample(n, generator)

    @property
    def is_shared(self) -> bool:
        """Whether all members train and validate on the same sequences, which are then held once."""
        return False

    def for_seed(self, seed: int) -> Self:
        """The task as the member of a seed has it: itself, unless its seed decides how recorded data are split."""
        return self

    def scaling(self) -> Scaling | None:
        """How its inputs and targets are normalised inside networks; None: they are taken as they are."""
        return None

    def files(self) -> Sequence[Path]:
        """Files that the task reads: their contents decide whether a finished training is still the one requested."""
        return ()

    def frame_columns(self) -> dict[str, Any] | None:
        """The columns ``sequence`` and ``features`` of its data frames; None where there are none."""
        return None

    def time_axis(self) -> tuple[Tensor, str]:
        """The positions of ``max_length`` steps on a figure's horizontal axis, and that axis's label."""
        return torch.arange(1, self.max_length + 1), "step"

    def settled_mask(self) -> Tensor | None:
        """``(max_length, output_size)`` booleans, false in a start-up stretch that ``val/rmse_settled`` leaves out."""
        return None

    def reference_levels(self, train: Batch, val: Batch) -> dict[Role, Level]:
        """Levels of the main score on ``val`` to read a model's scores against, by role: the best constant predictor.

        It knows the training set but reads no input. For numbers it is the mean target, one per output feature; a mean
        for every step would be the answer itself wherever a task trains on one curve. For classes it gives each the
        frequency that it has at that step (`class_frequencies`) and answers with the commonest, as a network does that
        has learned when symbols have to be copied, but not which.
        """
        targets, measure = self.counted_targets(val), self.measures().get(self.main_score.name)
        if self.loss == "cross_entropy":
            steps = self.counted_steps(val)
            outputs = self.class_frequencies(train, int(steps.max()) + 1)[steps].log()
            loss = -outputs.gather(1, targets.unsqueeze(1)).mean()
            score = (outputs.argmax(-1) == targets).double().mean()
        else:
            outputs = self.counted_targets(train).mean(0).expand_as(targets)
            loss = (targets - outputs).square().mean()
            score = loss.sqrt()
        if measure is not None:
            score = measure(outputs, targets).mean()
        return {"constant": Level(float(score), float(loss))}

    def class_frequencies(self, batch: Batch, time: int) -> Tensor:
        """How frequent each class is among the targets of the first ``time`` steps, ``(time, output_size)``.

        No class is impossible: over all steps together each counts one target more than it has (Laplace), and each
        step counts those frequencies in addition, with the weight of one target per class.
        """
        classes, targets, steps = self.output_size, self.counted_targets(batch), self.counted_steps(batch)
        overall = torch.bincount(targets, minlength=classes).double() + 1
        overall /= overall.sum()
        if self.kind == "seq2vec":
            return overall.expand(time, -1)
        cells = (steps * classes + targets)[steps < time]
        counts = torch.bincount(cells, minlength=time * classes).view(time, classes) + classes * overall
        return counts / counts.sum(-1, keepdim=True)

    def counted_steps(self, batch: Batch) -> Tensor:
        """The step of each of the `counted_targets`, from 0; 0 throughout for seq2vec."""
        if self.kind == "seq2seq":
            return batch.mask.nonzero()[:, 1]
        return torch.zeros(len(self.counted_targets(batch)), dtype=torch.long)

    def counted_targets(self, batch: Batch) -> Tensor:
        """All targets that are not padding, ``(targets, output_size)``, or ``(targets,)`` classes."""
        if self.kind == "seq2seq":
            return batch.targets[batch.mask]
        return batch.targets.flatten() if self.loss == "cross_entropy" else batch.targets.flatten(0, -2)
