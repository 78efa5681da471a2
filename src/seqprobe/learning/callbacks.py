"""Callbacks of a training: they record metrics, keep best weights, save checkpoints, and show progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqprobe.learning.checkpoint import Checkpoints, State
from seqprobe.learning.lightning_import import lightning
from seqprobe.learning.member_arrays import History, by_update, from_tensors, to_tensors, without_levels
from seqprobe.learning.module import PopulationModule
from seqprobe.learning.recorder import Recorder
from seqprobe.scoring import LEARNING_RATE, TRAIN_LOSS, MetricName

Progress = Callable[[int, int, str], None]
"""Called with how many updates are done, of how many, and a few words."""


def as_arrays(values: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Tensors to float64 arrays on the CPU."""
    return {name: value.detach().cpu().double().numpy() for name, value in values.items()}


class PopulationCallback(lightning.Callback):
    """A callback on a `PopulationModule`, after each run of updates and after each validation."""

    def after_updates(self, module: PopulationModule, steps: range) -> None:
        """The updates ``steps`` were made."""

    def after_validation(self, module: PopulationModule) -> None:
        """``module.val_scores`` are new."""

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, PopulationModule)
        self.after_updates(pl_module, range(*batch))

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        assert isinstance(pl_module, PopulationModule)
        self.after_validation(pl_module)


Parts = Mapping[str, PopulationCallback]
"""The callbacks whose state a checkpoint keeps, by the name that it has there."""


class Recording(PopulationCallback):
    """Records training losses (the mean over each ``log_every`` updates), scheduled learning rates and scores."""

    def __init__(self, recorder: Recorder, log_every: int) -> None:
        self.recorder, self.log_every = recorder, log_every
        self.pending = torch.empty(0)
        self.history: History = {}

    def after_updates(self, module: PopulationModule, steps: range) -> None:
        updates = torch.tensor(steps, device=module.diverged_at.device).unsqueeze(1)
        diverged = (module.diverged_at >= 0) & (updates >= module.diverged_at)
        losses = module.chunk_losses.masked_fill(diverged, torch.nan)
        self.pending = torch.cat([self.pending.to(losses), losses]) if len(self.pending) else losses
        at_end = steps.stop == module.data.max_steps
        while len(self.pending) >= self.log_every or (at_end and len(self.pending)):
            now, self.pending = self.pending[: self.log_every], self.pending[self.log_every :]
            step, values = steps.stop - len(self.pending), as_arrays({TRAIN_LOSS: now.mean(0)})
            if module.chunk_rates:  # a record's last update is among those just made
                rate = module.chunk_rates[step - steps.start - 1]
                values[LEARNING_RATE] = np.full(len(module.population), rate)
            self.record(step, values)

    def after_validation(self, module: PopulationModule) -> None:
        self.record(
            module.updates_done,
            as_arrays({str(MetricName("val", name)): value for name, value in module.val_scores.items()}),
        )

    def record(self, step: int, values: Mapping[str, np.ndarray]) -> None:
        """Record metrics, and keep them for the figures."""
        for name, scores in values.items():
            self.history.setdefault(name, {})[step] = scores
        self.recorder.record_metrics(step, values)

    def record_again(self) -> None:
        """Record what a checkpoint has restored: a recorder that knows it already ignores it, a new run needs it."""
        for step, values in by_update(self.history):
            self.recorder.record_metrics(step, values)

    def state_dict(self) -> State:
        return {"pending": self.pending, "history": to_tensors(self.history)}

    def load_state_dict(self, state_dict: State) -> None:
        self.pending, self.history = state_dict["pending"], without_levels(from_tensors(state_dict["history"]))


class BestWeights(PopulationCallback):
    """Keeps each member's weights and scores at its lowest validation loss."""

    def __init__(self) -> None:
        self.weights, self.loss = torch.empty(0), torch.empty(0)
        self.scores: dict[str, Tensor] = {}

    def after_validation(self, module: PopulationModule) -> None:
        loss, weights = module.val_scores["loss"], module.population.weights.detach()
        if not len(self.loss):
            self.loss, self.weights, self.scores = loss.clone(), weights.clone(), dict(module.val_scores)
            return
        self.loss, self.weights = self.loss.to(loss), self.weights.to(weights)
        better = loss < self.loss
        self.loss = torch.where(better, loss, self.loss)
        self.weights = torch.where(better.unsqueeze(1), weights, self.weights)
        self.scores = {
            name: torch.where(better, value, self.scores[name].to(value)) for name, value in module.val_scores.items()
        }

    def state_dict(self) -> State:
        return {"weights": self.weights, "loss": self.loss, "scores": self.scores}

    def load_state_dict(self, state_dict: State) -> None:
        self.weights, self.loss, self.scores = (state_dict[name] for name in ("weights", "loss", "scores"))


class Checkpointing(PopulationCallback):
    """Saves a training under way: after a run of updates or a validation, when it is due, and at the end.

    Not where a validation follows at once: a training that is resumed from there would skip that validation.

    Args:
        plan: saved with every checkpoint, so that it is found even if its own is damaged.
        parts: callbacks whose state belongs to the training; they come before this one.
    """

    def __init__(self, checkpoints: Checkpoints, name: str, plan: State, recorder: Recorder, parts: Parts) -> None:
        self.checkpoints, self.name, self.plan = checkpoints, name, plan
        self.recorder, self.parts = recorder, parts

    def after_updates(self, module: PopulationModule, steps: range) -> None:
        validated_next = steps.stop % module.data.val_every == 0 or steps.stop == module.data.max_steps
        if not validated_next and self.checkpoints.is_due():
            self.save(module)

    def after_validation(self, module: PopulationModule) -> None:
        if module.updates_done == module.data.max_steps or self.checkpoints.is_due():
            self.save(module)

    def save(self, module: PopulationModule) -> None:
        """Save everything; metrics are flushed first, for a resumed training records what follows its checkpoint."""
        self.recorder.flush()
        states = {name: part.state_dict() for name, part in self.parts.items()}
        self.checkpoints.save(self.name, {"plan": self.plan, "module": module.training_state(), **states})


class ShowProgress(PopulationCallback):
    """Reports how many updates are done, with the median training loss.

    Of several groups of members that are trained one after the other, each counts as its share of the updates.
    """

    def __init__(self, progress: Progress, group: int = 0, groups: int = 1) -> None:
        self.progress, self.group, self.groups = progress, group, groups

    def after_updates(self, module: PopulationModule, steps: range) -> None:
        loss, total = module.chunk_losses[-1].cpu().nanmedian().item(), module.data.max_steps
        self.progress((self.group * total + steps.stop) // self.groups, total, f"loss {loss:.2g}")
