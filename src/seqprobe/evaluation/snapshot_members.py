"""The members of a population as they were at several snapshots of its training."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.evaluation.population_members import PopulationMembers, run_probe
from seqprobe.learning.experiment import Experiment
from seqprobe.models import Population
from seqprobe.probes import Probe, ProbeResult
from seqprobe.user_calls import is_users_class

MEMBERS_AT_ONCE = 128
"""Most members of all snapshots that are probed at once; it bounds the memory of their sequences."""
T = TypeVar("T")


@dataclass(frozen=True)
class SnapshotMembers:
    """Members with the weights of several snapshots, which for probes are so many more members.

    Those of the first snapshot come first. Sequences that a seed determines are thus drawn once for all snapshots.

    Attributes:
        now: the members; their weights change while they answer.
        snapshots: weights, ``(seeds, width)`` each.
    """

    now: PopulationMembers
    snapshots: Sequence[np.ndarray]

    @property
    def experiment(self) -> Experiment:
        """What they were trained by."""
        return self.now.experiment

    @property
    def refusals(self) -> list[str]:
        """Why networks of the user's own could not answer, in words."""
        return self.now.refusals

    @property
    def seeds(self) -> Sequence[int]:
        """The seed of every member, so often as there are snapshots."""
        return [*self.now.seeds] * len(self.snapshots)

    def predict(self, batch: Batch) -> np.ndarray:
        """Outputs, ``(snapshots · seeds, batch, …)``; NaN where a network of the user's own cannot answer."""
        return np.concatenate(self._on_snapshots(self.now.predict, batch))

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        """Every gate, candidate and state by name: ``(snapshots · seeds, batch, time, units)`` each."""
        traces = self._on_snapshots(self.now.trace, batch)
        return {name: np.concatenate([trace[name] for trace in traces]) for name in traces[0]}

    def state_gradient_norms(self, batch: Batch) -> np.ndarray:
        """The norm of the gradient of each sequence's loss by the state: ``(snapshots · seeds, batch, time)``."""
        return np.concatenate(self._on_snapshots(self.now.state_gradient_norms, batch))

    def untrained_members(self) -> SnapshotMembers:
        """The same networks before training, as a control."""
        before = self.now.untrained_members()
        return SnapshotMembers(before, [before.population.weights.detach().cpu().numpy()] * len(self.snapshots))

    def _on_snapshots(self, answer: Callable[[Batch], T], batch: Batch) -> list[T]:
        """What the members answer with each snapshot's weights."""
        answers, count = [], len(self.now.seeds)
        for index, weights in enumerate(self.snapshots):
            has_seeds = batch.lengths.dim() == 2
            own = batch.members(slice(index * count, (index + 1) * count)) if has_seeds else batch
            with population_at(self.now.population, weights):
                answers.append(answer(own))
        return answers


def run_on_snapshots(
    probe: Probe[Any], members: PopulationMembers, snapshots: Sequence[np.ndarray]
) -> list[ProbeResult]:
    """What a probe measures on each snapshot.

    A probe of the user's own sees one snapshot after the other: its result may have anything in ``arrays``.
    """
    count = len(members.seeds)
    at_once = 1 if is_users_class(probe) else max(1, MEMBERS_AT_ONCE // count)
    results = list[ProbeResult]()
    for start in range(0, len(snapshots), at_once):
        chosen = snapshots[start : start + at_once]
        probed = run_probe(probe, SnapshotMembers(dataclasses.replace(members, refusals=[]), chosen))
        if len(chosen) == 1:
            results.append(probed)
        else:
            results += [probed.of_members(slice(i * count, (i + 1) * count)) for i in range(len(chosen))]
    return results


@contextmanager
def population_at(population: Population, weights: np.ndarray) -> Iterator[Population]:
    """The population with the weights of a snapshot, ``(seeds, width)``; afterwards it has its last weights again."""
    last, alive = population.weights.detach().clone(), population.alive.clone()
    then = torch.from_numpy(weights).to(last)
    finite = then.isfinite().all(1)
    try:
        with torch.no_grad():
            population.weights.copy_(torch.where(finite.unsqueeze(1), then, last))
        population.alive.copy_(finite)
        yield population
    finally:
        with torch.no_grad():
            population.weights.copy_(last)
        population.alive.copy_(alive)
