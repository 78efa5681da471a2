"""Losses that are chosen instead of the task's own: torch's, a quantile's, or a user's, one value for every target."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from seqprobe.batch import Batch, stack_batches
from seqprobe.checks import InvalidValue, number, single_line
from seqprobe.seeds import generator
from seqprobe.tasks import Task

Loss = Callable[[Tensor, Tensor], Tensor]
"""Outputs and targets to a value for every target.

Sequences of all members are one batch. Numbers: ``(batch, time, features)`` or ``(batch, features)`` each, to the same
shape, or without features. Classes: logits ``(batch, classes, time)`` or ``(batch, classes)`` and integers
``(batch, time)`` or ``(batch,)``, to the integers' shape, as torch.nn.CrossEntropyLoss takes them.
"""
TRIED = 5
"""Sequences on which a loss is tried."""
OF_CLASSES = (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss)
"""Torch's losses of classes. Some of them take numbers as well, as probabilities, and are 0 where there is one."""


class Quantile(nn.Module):
    """The pinball loss (Koenker and Bassett, 1978), by which the best prediction is a quantile of the targets.

    It is quantile · e where e = target - output is positive, and (quantile - 1) · e where it is negative.

    Raises:
        InvalidValue: ``quantile`` is not between 0 and 1.
    """

    def __init__(self, quantile: float = 0.5) -> None:
        super().__init__()
        if not 0 < number("quantile", quantile) < 1:
            raise InvalidValue("quantile", quantile, "must be between 0 and 1")
        self.quantile = quantile

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """One value for each target, in their shape."""
        errors = targets - outputs
        return torch.maximum(self.quantile * errors, (self.quantile - 1) * errors)


class ElementLoss:
    """A chosen loss as the trainer takes it: with the seeds axis, and a trailing feature axis in its values."""

    def __init__(self, loss: Loss) -> None:
        self.loss = loss
        # Buffers are class weights, say.
        self.moved = loss if isinstance(loss, nn.Module) and any(True for _ in loss.buffers()) else None

    def __call__(self, outputs: Tensor, batch: Batch) -> Tensor:
        """``(seeds, batch, …, features)`` for outputs and the batch they answer, both with a seeds axis."""
        if self.moved is not None:
            self.moved.to(outputs.device, outputs.dtype)
        values = self.loss(*loss_arguments(outputs, batch.targets))
        with_features = values.dim() == outputs.dim() - 1 and batch.targets.is_floating_point()
        values = values.unflatten(0, outputs.shape[:2])
        return values if with_features else values.unsqueeze(-1)


def loss_arguments(outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """What a `Loss` takes, from outputs and targets with a seeds axis."""
    flat = outputs.flatten(0, 1)
    return flat if targets.is_floating_point() else flat.movedim(-1, 1), targets.flatten(0, 1)


def loss_name(loss: Any) -> str:
    """What a loss is called: its function's name, or its class's."""
    return str(getattr(loss, "__name__", type(loss).__name__))


def check_loss(loss: Any, task: Task) -> None:
    """Try a chosen loss on a few of the task's sequences.

    Raises:
        InvalidValue: it has no value for every target, or one that outputs of other sequences or chance decide.
    """
    name = loss_name(loss)
    if not callable(loss):
        raise InvalidValue("loss", name, "must be callable with outputs and targets")
    if isinstance(loss, nn.Module) and any(True for _ in loss.parameters()):
        raise InvalidValue("loss", name, "must have no parameters of its own: nothing would train them")
    batch = stack_batches([task.sample(TRIED, generator(0, "train_data")).to("cpu", torch.float64)])
    if isinstance(loss, OF_CLASSES) and batch.targets.is_floating_point():
        raise InvalidValue("loss", name, "is a loss of classes, and this task's targets are numbers")
    shape = (*batch.targets.shape[: batch.lengths.dim() + (task.kind == "seq2seq")], task.output_size)
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    outputs, targets = loss_arguments(drawn.requires_grad_(), batch.targets)
    try:
        with warnings.catch_warnings(action="ignore"):  # on shapes, which are looked at below
            values, again, alone = loss(outputs, targets), loss(outputs, targets), loss(outputs[:1], targets[:1])
    except Exception as problem:  # losses of a user's own may raise anything
        allowed = f"does not take this task's outputs {tuple(outputs.shape)} and targets {tuple(targets.shape)}"
        if outputs.shape == targets.shape:  # then it is about something else
            allowed = "cannot be computed"
        raise InvalidValue("loss", name, f"{allowed}: {single_line(problem)}") from problem
    check_values(name, values, targets)
    if not (torch.equal(values, again) and torch.allclose(values[:1], alone, equal_nan=True)):
        raise InvalidValue("loss", name, "must give a target the same value again, whatever sequences are beside it")


def check_values(name: str, values: Any, targets: Tensor) -> None:
    """Refuse values of another shape than the targets', or that no gradient leads back from.

    Raises:
        InvalidValue: they are.
    """
    shapes = [tuple(targets.shape)]
    if targets.is_floating_point():
        shapes.append(tuple(targets.shape[:-1]))
    expected = " or ".join(map(str, shapes))
    if not isinstance(values, Tensor) or tuple(values.shape) not in shapes:
        shown = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        allowed = f"gave {shown} for targets {shapes[0]}; expected a value for every target, {expected}"
        raise InvalidValue("loss", name, allowed)
    if not values.requires_grad:
        raise InvalidValue("loss", name, "must depend on the outputs by operations that torch differentiates")
