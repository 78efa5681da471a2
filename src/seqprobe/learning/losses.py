"""Losses and metrics per member; all of them divide by the mask, so padding never counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.models.loss_gradient import WrittenLoss, by_autograd
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


def by_squared_error(outputs: Tensor, batch: Batch, outer: Tensor) -> Tensor:
    """The gradient by outputs of `squared_error`, whose own is ``outer``."""
    return outer * (2 * (outputs - batch.targets))


def by_cross_entropy(outputs: Tensor, batch: Batch, outer: Tensor) -> Tensor:
    """The gradient by logits of `cross_entropy`, whose own is ``outer``; rounded as autograd's."""
    logs, targets = outputs.log_softmax(-1), batch.targets.unsqueeze(-1)
    by_logs = torch.zeros_like(logs).scatter_(-1, targets, -outer.expand(targets.shape))
    gradient: Tensor = torch.ops.aten._log_softmax_backward_data(by_logs, logs, -1, logs.dtype)
    return gradient


GRADIENTS: dict[ElementLosses, Callable[[Tensor, Batch, Tensor], Tensor]] = {
    squared_error: by_squared_error,
    cross_entropy: by_cross_entropy,
}
"""Autograd takes several times as long for small batches, and gives the same."""


class MemberLosses(WrittenLoss):
    """The loss of each member on its own minibatch: the mean over all targets that count.

    Args:
        elements: a value for every target.
        target_mask: of a batch, see `PopulationModule.target_mask`.
    """

    def __init__(self, elements: ElementLosses, target_mask: Callable[[Batch], Tensor | None]) -> None:
        self.elements, self.target_mask = elements, target_mask

    def __call__(self, outputs: Tensor, batch: Batch) -> Tensor:
        """``(seeds,)`` for outputs and the batch they answer, both with a seeds axis."""
        return masked_mean(self.elements(outputs, batch), self.target_mask(batch))

    def with_gradient(self, outputs: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """The losses, and the gradient of their sum by the outputs, in their shape."""
        if self.elements not in GRADIENTS:
            return by_autograd(lambda values: self(values, batch), outputs)
        values, mask = self.elements(outputs, batch), self.target_mask(batch)
        if mask is None:
            outer = values.new_full((), len(values) / values.numel())
        else:
            counts = mask.expand_as(values).flatten(1).sum(1)
            outer = mask / counts.view(-1, *[1] * (values.dim() - 1)).to(values.dtype)
        return masked_mean(values, mask), GRADIENTS[self.elements](outputs, batch, outer)


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
