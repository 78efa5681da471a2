"""Losses and metrics per member; all of them divide by the mask, so padding never counts."""

from __future__ import annotations

import torch
from torch import Tensor

from seqprobe.batch import Batch


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


LOSSES = {"mse": squared_error, "cross_entropy": cross_entropy}
"""Task.loss to the elementwise loss."""


def score_names(loss: str, has_settled: bool) -> list[str]:
    """The names of what `scores` returns; ``has_settled``: whether a start-up stretch is left out as well."""
    if loss == "cross_entropy":
        return ["loss", "accuracy"]
    return ["loss", "rmse", *(["rmse_settled"] if has_settled else [])]


def scores(
    loss: str, outputs: Tensor, batch: Batch, counted: Tensor | None, settled: Tensor | None
) -> dict[str, Tensor]:
    """What validation reports, ``(seeds,)`` each: ``loss`` and ``rmse`` (with ``rmse_settled``) or ``accuracy``.

    Args:
        counted: booleans, true where a target counts; broadcastable to the elementwise loss. None: everywhere.
        settled: booleans that leave out a start-up stretch as well, or None.
    """
    elements = LOSSES[loss](outputs, batch)
    result = {"loss": masked_mean(elements, counted)}
    if loss == "cross_entropy":
        correct = (outputs.argmax(-1) == batch.targets).to(outputs.dtype).unsqueeze(-1)
        return result | {"accuracy": masked_mean(correct, counted)}
    result["rmse"] = result["loss"].sqrt()
    if settled is not None:
        result["rmse_settled"] = masked_mean(elements, settled if counted is None else counted & settled).sqrt()
    return result
