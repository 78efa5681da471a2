"""What a training leaves, of one group of members or of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqprobe.batch import Batch
from seqprobe.learning.levels import Levels
from seqprobe.learning.member_arrays import History, MemberArrays, MemberSeries, without_levels
from seqprobe.models import Population

FRAMES, SNAPSHOTS = "frames", "snapshots"
"""Series that are no metrics; a metric's name has a slash."""


@dataclass(frozen=True)
class TrainResult:
    """A trained population, and what was observed while it trained. Arrays have one value per member.

    Attributes:
        population: the members with their last weights.
        updates: how many updates every member has seen.
        shown: the first member's first validation sequences.
        members: everything else that is known of the members; the properties name its parts.
    """

    population: Population
    engine: str
    updates: int
    shown: Batch
    members: MemberArrays

    @property
    def diverged_at(self) -> np.ndarray:
        """The update at which a member's loss or weights became NaN or infinite, -1 where that never happened."""
        return self.members.arrays["diverged_at"]

    @property
    def causes(self) -> Sequence[str]:
        """What became NaN or infinite first, in words; empty where nothing did."""
        return [str(cause) for cause in self.members.arrays["cause"]]

    @cached_property
    def scores(self) -> Mapping[str, np.ndarray]:
        """The final validation scores, ``(seeds,)`` by name."""
        return self.members.of_kind("score")

    @cached_property
    def best_scores(self) -> Mapping[str, np.ndarray]:
        """The validation scores at each member's lowest validation loss, ``(seeds,)`` by name."""
        return self.members.of_kind("best_score")

    @property
    def best_weights(self) -> np.ndarray:
        """The weights at each member's lowest validation loss, ``(seeds, width)``."""
        return self.members.arrays["best_weights"]

    @cached_property
    def references(self) -> Mapping[str, Levels]:
        """The task's reference levels on each member's data, by role."""
        return {name: Levels(pair[:, 0], pair[:, 1]) for name, pair in self.members.of_kind("reference").items()}

    @cached_property
    def history(self) -> History:
        """Every metric that was recorded, by name and update."""
        series = {name: at for name, at in self.members.series.items() if name not in (FRAMES, SNAPSHOTS)}
        return without_levels(series)

    @property
    def frames(self) -> MemberSeries:
        """What every member predicted for the ``shown`` sequences, ``(seeds, sequences, …)`` by update."""
        return self.members.series[FRAMES]

    @property
    def snapshots(self) -> MemberSeries:
        """Weights at a few validations, ``(seeds, width)`` by update, NaN for members that diverged before."""
        return self.members.series.get(SNAPSHOTS, {})

    @property
    def objective(self) -> float:
        """The median validation loss over finite members; inf when there is none, so that a sweeper can minimise it."""
        finite = self.scores["loss"][np.isfinite(self.scores["loss"])]
        return float(np.median(finite)) if len(finite) else float("inf")


def join_results(groups: Sequence[TrainResult], order: Sequence[int], population: Population) -> TrainResult:
    """The result of all groups of members as one, with the ``population`` of them all.

    Member i of it is number ``order[i]`` of theirs, counted from one group to the next.
    """
    first = groups[0]
    return TrainResult(
        population=population,
        engine=groups[-1].engine,
        updates=first.updates,
        shown=first.shown,
        members=MemberArrays.join([group.members for group in groups]).select(order),
    )
