"""Losses and metrics per member; all of them divide by the mask, so padding never counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.tasks import Task
from seqprobe.tasks.validation_measures import Measure


def masked_mean(values: Tensor, mask: Tensor | None) -> Tensor:
    """Mean over all but the leading ``seeds`` axis where ``mask`` (broadcast to ``values``) is true: ``(seeds,)``.

    None counts everything.
    """
    if mask is None:
        return values.flatten(1).mean(1)
    counted = mask.expand_as(values)
    return values.masked_fill(~counted, 0).flatten(1).sum(1) / counted.flatten(1).sum(1)


def squared_error(outputs: Tensor, batch: Batch) -> Tensor:
    """Squared error of every output feature, in the shape of ``batch.targets``."""
    return (outputs - batch.targets).square()


def cross_entropy(outputs: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy in nats of logits ``(..., classes)`` against integer targets, with one trailing feature axis."""
    flat = torch.nn.functional.cross_entropy(outputs.flatten(0, -2), batch.targets.flatten(), reduction="none")
    return flat.view(*batch.targets.shape, 1)


ElementLosses = Callable[[Tensor, Batch], Tensor]
"""Outputs and their batch, both with a seeds axis, to a value for every target, with a trailing feature axis."""
LOSSES: dict[str, ElementLosses] = {"mse": squared_error, "cross_entropy": cross_entropy}
"""Task.loss to the elementwise loss."""


def score_names(task: Task) -> list[str]:
    """The names of what `scores` returns for a task."""
    if task.loss == "cross_entropy":
        return ["loss", "accuracy", *task.measures()]
    return ["loss", "rmse", *([] if task.settled_mask() is None else ["rmse_settled"]), *task.measures()]


def scores(
    loss: str,
    outputs: Tensor,
    batch: Batch,
    counted: Tensor | None,
    settled: Tensor | None,
    measures: Mapping[str, Measure] | None = None,
    chosen: ElementLosses | None = None,
) -> dict[str, Tensor]:
    """What validation reports, ``(seeds,)`` each: ``loss``, ``rmse`` (with ``rmse_settled``) or ``accuracy``, the rest.

    Args:
        loss: the task's.
        chosen: what is trained instead of the task's loss, and so is ``loss`` in the result.
        measures: further ones by name (`Task.measures`).
        counted: booleans, true where a target counts; broadcastable to the elementwise loss. None: everywhere.
        settled: booleans that leave out a start-up stretch as well, or None.
    """
    elements = LOSSES[loss](outputs, batch)
    further = {
        name: masked_mean(measure(outputs, batch.targets), counted) for name, measure in (measures or {}).items()
    }
    of_task = masked_mean(elements, counted)
    result = {"loss": of_task if chosen is None else masked_mean(chosen(outputs, batch), counted), **further}
    if loss == "cross_entropy":
        correct = (outputs.argmax(-1) == batch.targets).to(outputs.dtype).unsqueeze(-1)
        return result | {"accuracy": masked_mean(correct, counted)}
    result["rmse"] = of_task.sqrt()
    if settled is not None:
        result["rmse_settled"] = masked_mean(elements, settled if counted is None else counted & settled).sqrt()
    return result
