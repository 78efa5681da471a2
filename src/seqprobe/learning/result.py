"""What a training leaves, of one group of members or of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqprobe.batch import Batch
from seqprobe.learning.data import Levels
from seqprobe.learning.recorder import History
from seqprobe.models import Population


@dataclass(frozen=True)
class TrainResult:
    """A trained population, and what was seen on the way. Arrays have one value per member.

    Attributes:
        population: the members with their last weights.
        updates: how many updates every member has seen.
        scores: the final validation scores, ``(seeds,)`` by name.
        diverged_at: the update at which a member stopped being finite, -1 where it never did.
        causes: what stopped being finite first, in words; empty where nothing did.
        references: the task's reference levels on each member's own data.
        best_weights, best_scores: at each member's lowest validation loss, ``(seeds, width)`` and ``(seeds,)`` by name.
        history: every metric that was recorded, by name and update.
        shown: the first member's first validation sequences.
        frames: what every member made of them, ``(seeds, sequences, …)`` by update.
        snapshots: weights at a few validations, ``(seeds, width)`` by update, NaN for members that diverged before.
    """

    population: Population
    engine: str
    updates: int
    scores: Mapping[str, np.ndarray]
    diverged_at: np.ndarray
    causes: Sequence[str]
    references: Mapping[str, Levels]
    best_weights: np.ndarray
    best_scores: Mapping[str, np.ndarray]
    history: History
    shown: Batch
    frames: Mapping[int, np.ndarray]
    snapshots: Mapping[int, np.ndarray]

    @property
    def objective(self) -> float:
        """The median validation loss over finite members; inf when there is none, so that a sweeper can minimise it."""
        finite = self.scores["loss"][np.isfinite(self.scores["loss"])]
        return float(np.median(finite)) if len(finite) else float("inf")


def joined(groups: Sequence[TrainResult], order: Sequence[int], population: Population) -> TrainResult:
    """The result of all groups of members as one, with the ``population`` of them all.

    Member i is number ``order[i]`` of theirs, one group after the other.
    """
    first, places = groups[0], np.asarray(order)

    def together(values: Iterable[np.ndarray]) -> np.ndarray:
        return np.concatenate(list(values))[places]

    def named(which: str) -> dict[str, np.ndarray]:
        return {name: together(getattr(group, which)[name] for group in groups) for name in getattr(first, which)}

    causes = [cause for group in groups for cause in group.causes]
    return TrainResult(
        population=population,
        engine=groups[-1].engine,
        updates=first.updates,
        scores=named("scores"),
        diverged_at=together(group.diverged_at for group in groups),
        causes=[causes[place] for place in order],
        references={
            name: Levels(
                together(group.references[name].score for group in groups),
                together(group.references[name].loss for group in groups),
            )
            for name in first.references
        },
        best_weights=together(group.best_weights for group in groups),
        best_scores=named("best_scores"),
        history={
            name: {step: together(group.history[name][step] for group in groups) for step in at}
            for name, at in first.history.items()
        },
        shown=first.shown,
        frames={step: together(group.frames[step] for group in groups) for step in first.frames},
        snapshots={
            step: together(group.snapshots[step] for group in groups)
            for step in first.snapshots
            if all(step in group.snapshots for group in groups)
        },
    )
