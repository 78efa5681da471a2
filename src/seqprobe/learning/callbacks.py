"""What happens beside training: metrics reach the recorder, best weights and frames are kept, progress is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytorch_lightning as lightning
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.learning.module import PopulationModule
from seqprobe.learning.recorder import Recorder

Progress = Callable[[int, int, str], None]
"""Told how many updates of how many are done, and a few words."""


def as_arrays(values: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Tensors to float64 arrays on the CPU."""
    return {name: value.detach().double().cpu().numpy() for name, value in values.items()}


class PopulationCallback(lightning.Callback):
    """A callback on a `PopulationModule`, after each run of updates and after each validation."""

    def after_updates(self, module: PopulationModule, steps: range) -> None:
        """The updates ``steps`` were made."""

    def after_validation(self, module: PopulationModule) -> None:
        """``module.val_scores`` and ``module.val_outputs`` are new."""

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, PopulationModule)
        self.after_updates(pl_module, range(*batch))

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        assert isinstance(pl_module, PopulationModule)
        self.after_validation(pl_module)


class Recording(PopulationCallback):
    """Hands training losses (the mean over each ``log_every`` updates) and validation scores to a recorder."""

    def __init__(self, recorder: Recorder, log_every: int) -> None:
        self.recorder, self.log_every = recorder, log_every
        self.pending = torch.empty(0)
        self.recorded: dict[str, dict[int, np.ndarray]] = {}

    def after_updates(self, module: PopulationModule, steps: range) -> None:
        made = torch.tensor(steps, device=module.diverged_at.device).unsqueeze(1)
        lost = (module.diverged_at >= 0) & (made >= module.diverged_at)
        losses = module.chunk_losses.masked_fill(lost, torch.nan)
        self.pending = torch.cat([self.pending.to(losses), losses]) if len(self.pending) else losses
        at_end = steps.stop == module.data.max_steps
        while len(self.pending) >= self.log_every or (at_end and len(self.pending)):
            now, self.pending = self.pending[: self.log_every], self.pending[self.log_every :]
            self.record(steps.stop - len(self.pending), {"train/loss": now.mean(0)})

    def after_validation(self, module: PopulationModule) -> None:
        self.record(module.updates_done, {f"val/{name}": value for name, value in module.val_scores.items()})

    def record(self, step: int, values: Mapping[str, Tensor]) -> None:
        """Tell the recorder, and remember for the figures."""
        arrays = as_arrays(values)
        self.recorder.metrics(step, arrays)
        for name, value in arrays.items():
            self.recorded.setdefault(name, {})[step] = value

    def history(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A metric's steps ``(n,)`` and values ``(seeds, n)``."""
        return np.array(list(self.recorded[name])), np.stack(list(self.recorded[name].values()), 1)


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
        better = loss < self.loss
        self.loss = torch.where(better, loss, self.loss)
        self.weights = torch.where(better.unsqueeze(1), weights, self.weights)
        self.scores = {name: torch.where(better, value, self.scores[name]) for name, value in module.val_scores.items()}


class Frames(PopulationCallback):
    """Keeps every member's outputs for the first validation sequences of the first member, at every validation."""

    def __init__(self, shown: Batch) -> None:
        self.shown = shown
        self.steps: list[int] = []
        self.outputs: list[np.ndarray] = []

    def after_validation(self, module: PopulationModule) -> None:
        weights = module.population.weights
        outputs = module.predict(self.shown.to(weights.device, weights.dtype).repeat(len(module.population)))
        outputs = outputs.masked_fill(~module.population.alive[(..., *[None] * (outputs.dim() - 1))], torch.nan)
        self.steps.append(module.updates_done)
        self.outputs.append(outputs.double().cpu().numpy())


class ShowProgress(PopulationCallback):
    """Tells how many updates are done, with the median training loss."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def after_updates(self, module: PopulationModule, steps: range) -> None:
        loss = module.chunk_losses[-1].nanmedian().item()
        self.progress(steps.stop, module.data.max_steps, f"loss {loss:.2g}")
