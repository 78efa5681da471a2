"""A population as its probes use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.losses import LOSSES
from seqprobe.models import Population
from seqprobe.models.engines import build_population


@dataclass(frozen=True)
class PopulationMembers:
    """The members that a probe runs on (see `seqprobe.probes.probe.Members`)."""

    experiment: Experiment
    population: Population
    engine: str

    def predict(self, batch: Batch) -> np.ndarray:
        """Outputs, ``(seeds, batch, …)``."""
        return self._as_array(self.population.predict(self._on_device(batch)))

    @torch.no_grad()
    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        """Every gate, candidate and state by name: ``(seeds, batch, time, units)`` each."""
        placed = self._on_device(batch)
        traced = self.population.trace(placed.inputs, placed.lengths)
        return {name: self._as_array(values) for name, values in traced.items()}

    def state_gradient_norms(self, batch: Batch) -> np.ndarray:
        """The norm of the gradient of each sequence's loss by the state after each step: ``(seeds, batch, time)``."""
        loss = LOSSES[self.experiment.task.loss]
        return self._as_array(self.population.state_gradient_norms(self._on_device(batch), loss))

    def untrained_members(self) -> PopulationMembers:
        """The same networks before training, as a control."""
        weights, seeds = self.population.weights, self.experiment.seeds
        first = build_population(self.experiment.build_network, seeds, self.engine).to(weights.device, weights.dtype)
        return PopulationMembers(self.experiment, first.eval(), self.engine)

    def _on_device(self, batch: Batch) -> Batch:
        """The batch where the population is, with a seeds axis."""
        weights = self.population.weights
        placed = batch.to(weights.device, weights.dtype)
        return placed if placed.lengths.dim() == 2 else placed.repeat(len(self.population))

    def _as_array(self, values: Tensor) -> np.ndarray:
        """Values ``(seeds, …)`` as an array, with NaN for members that diverged."""
        array = values.cpu().double().numpy()
        array[~self.population.alive.cpu().numpy()] = np.nan
        return np.asarray(array)
