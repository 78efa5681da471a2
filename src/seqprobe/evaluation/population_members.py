"""A population as its probes use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.learning.experiment import Experiment
from seqprobe.models import Population


@dataclass(frozen=True)
class PopulationMembers:
    """The members that a probe runs on (see `seqprobe.probes.probe.Members`)."""

    experiment: Experiment
    population: Population
    engine: str

    def predict(self, batch: Batch) -> np.ndarray:
        """Outputs, ``(seeds, batch, …)``."""
        return population_outputs(self.population, batch)

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        """Every gate, candidate and state by name: ``(seeds, batch, time, units)`` each."""
        return population_traces(self.population, batch)

    def state_gradient_norms(self, batch: Batch) -> np.ndarray:
        """The norm of the gradient of each sequence's loss by the state after each step: ``(seeds, batch, time)``."""
        losses = self.experiment.element_losses
        norms = self.population.state_gradient_norms(stacked(batch, self.population), losses)
        return finite_members(self.population, norms)

    def untrained_members(self) -> PopulationMembers:
        """The same networks before training, as a control."""
        weights, seeds = self.population.weights, self.experiment.seeds
        first = self.experiment.build_population(seeds, self.engine).to(weights.device, weights.dtype)
        return PopulationMembers(self.experiment, first.eval(), self.engine)


def population_outputs(population: Population, batch: Batch) -> np.ndarray:
    """Outputs of every member, ``(seeds, batch, …)``, NaN for members that diverged."""
    return finite_members(population, population.predict(stacked(batch, population)))


@torch.no_grad()
def population_traces(population: Population, batch: Batch) -> dict[str, np.ndarray]:
    """Every gate, candidate and state of every member by name: ``(seeds, batch, time, units)`` each."""
    placed = stacked(batch, population)
    traced = population.trace(placed.inputs, placed.lengths)
    return {name: finite_members(population, values) for name, values in traced.items()}


def stacked(batch: Batch, population: Population) -> Batch:
    """The batch where the population is, with a seeds axis."""
    placed = batch.to(population.weights.device, population.weights.dtype)
    return placed if placed.lengths.dim() == 2 else placed.repeat(len(population))


def finite_members(population: Population, values: Tensor) -> np.ndarray:
    """Values ``(seeds, …)`` as an array, with NaN for members that diverged."""
    array = values.cpu().double().numpy()
    array[~population.alive.cpu().numpy()] = np.nan
    return np.asarray(array)
