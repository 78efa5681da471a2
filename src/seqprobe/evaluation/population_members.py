"""A population as its probes use it."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.evaluation.blas_threads import limited_blas
from seqprobe.learning.experiment import Experiment
from seqprobe.models import Population
from seqprobe.probes import Probe, ProbeResult
from seqprobe.probes.probe import Members, NoAnswer
from seqprobe.user_calls import described, error_words, is_users_class


@dataclass(frozen=True)
class PopulationMembers:
    """The members that a probe runs on (see `seqprobe.probes.probe.Members`).

    Attributes:
        refusals: why networks of the user's own could not answer, in words.
    """

    experiment: Experiment
    population: Population
    engine: str
    refusals: list[str] = field(default_factory=list)

    @property
    def seeds(self) -> Sequence[int]:
        """The seed of every member."""
        return self.experiment.seeds

    def predict(self, batch: Batch) -> np.ndarray:
        """Outputs, ``(seeds, batch, …)``; NaN where a network of the user's own cannot answer."""
        self._check(batch)
        task, sequences = self.experiment.task, batch.lengths.shape[-1]
        steps = batch.inputs.shape[-2:-1] if task.kind == "seq2seq" else ()
        shape = (len(self.population), sequences, *steps, task.output_size)
        try:
            with self._answering(batch):
                outputs = population_outputs(self.population, batch)
                if outputs.shape != shape:
                    raise ValueError(f"forward gave {described(outputs[0])}, expected {shape[1:]}")
        except NoAnswer:
            return np.full(shape, np.nan)
        return outputs

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        """Every gate, candidate and state by name: ``(seeds, batch, time, units)`` each."""
        self._check(batch)
        with self._answering(batch):
            return population_traces(self.population, batch)

    def state_gradient_norms(self, batch: Batch) -> np.ndarray:
        """The norm of the gradient of each sequence's loss by the state after each step: ``(seeds, batch, time)``."""
        self._check(batch)
        losses = self.experiment.element_losses
        with self._answering(batch):
            norms = self.population.state_gradient_norms(stacked(batch, self.population), losses)
        return finite_members(self.population, norms)

    def untrained_members(self) -> PopulationMembers:
        """The same networks before training, as a control."""
        weights, seeds = self.population.weights, self.experiment.seeds
        first = self.experiment.build_population(seeds, self.engine).to(weights.device, weights.dtype)
        return PopulationMembers(self.experiment, first.eval(), self.engine, self.refusals)

    def _check(self, batch: Batch) -> None:
        """Refuse a batch that is the probe's fault, not the network's."""
        features = self.experiment.task.input_size
        if batch.inputs.shape[-1] != features or batch.inputs.shape[:-2] != batch.lengths.shape:
            given = f"inputs {described(batch.inputs)} with lengths {described(batch.lengths)}"
            raise ValueError(f"{given}, expected (n, time, {features}) with (n,), or both with a seeds axis")

    @contextmanager
    def _answering(self, batch: Batch) -> Iterator[None]:
        """Turn an error of a network of the user's own into `NoAnswer`, and note it."""
        try:
            yield
        except (MemoryError, torch.OutOfMemoryError):
            raise
        except Exception as problem:
            if not any(map(is_users_class, self.population.networks[0].modules())):
                raise
            self.refusals.append(f"{batch.inputs.shape[-2]} steps: {error_words(problem)}")
            raise NoAnswer(self.refusals[-1]) from problem


class ProbedMembers(Members, Protocol):
    """Members that a probe runs on, of one experiment."""

    @property
    def experiment(self) -> Experiment:
        """What they were trained by."""

    @property
    def seeds(self) -> Sequence[int]:
        """The seed of every member."""

    @property
    def refusals(self) -> list[str]:
        """Why networks of the user's own could not answer, in words."""


def run_probe(probe: Probe[Any], members: ProbedMembers) -> ProbeResult:
    """What a probe measures on members, which states in `ProbeResult.unanswered` what they could not answer."""
    for library in probe.libraries:  # first, for its threads to be limited as well
        importlib.import_module(library)
    try:
        with limited_blas():
            result = probe.run(members, members.experiment.task, members.seeds)
    except NoAnswer as reason:  # of the members, or of the probe itself
        result = ProbeResult([], {})
        if str(reason) not in members.refusals:
            members.refusals.append(f"anything: {reason}")
    return dataclasses.replace(result, unanswered="; ".join(dict.fromkeys(members.refusals)))


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
