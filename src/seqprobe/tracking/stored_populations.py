"""Populations as they were recorded: their members' metrics, by seed, with histories and artifacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqprobe.scoring import Tag
from seqprobe.tracking.run_frames import NAME_PARAMS, print_notice, records
from seqprobe.tracking.score_table import member_scores
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class StoredPopulation:
    """A population in the store.

    Attributes:
        name: preset (or task), model and other overrides: ``post0/sine · lstm``.
        run: the parent.
        members: the members' runs, in the order of their seeds.
    """

    store: Store
    run: StoredRun
    members: Sequence[StoredRun]
    name: str

    @property
    def status(self) -> str:
        """FINISHED, or how else it ended."""
        return self.run.status

    @property
    def params(self) -> Mapping[str, str]:
        """Of the parent."""
        return self.run.params

    @property
    def seeds(self) -> Sequence[int]:
        """Of the members, in order."""
        return [int(run.params.get("seed", -1)) for run in self.members]

    @cached_property
    def finals(self) -> Mapping[str, np.ndarray]:
        """Each metric's last value by name, and all other scores after training, ``(seeds,)``."""
        scores = member_scores(self.store, self.run, print_notice)
        values = [{**run.metrics, **scores.get(seed, {})} for run, seed in zip(self.members, self.seeds, strict=True)]
        names = {name for of_member in values for name in of_member}
        return {name: np.array([of_member.get(name, np.nan) for of_member in values]) for name in names}

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        """A metric's updates ``(n,)`` and values ``(seeds, n)``."""
        client = self.store.client()
        histories = [
            sorted((m.step, m.value) for m in client.get_metric_history(run.run_id, metric)) for run in self.members
        ]
        values = np.array([[value for _, value in member] for member in histories], dtype=float)
        return np.array([step for step, _ in histories[0]]), values.reshape(len(histories), -1)

    def artifact(self, path: str) -> bytes | None:
        """The content of an artifact of the parent, or None where there is none."""
        return self.store.artifact(self.run.run_id, path)


def populations(store: Store, sweep: str) -> dict[str, StoredPopulation]:
    """All populations of a sweep, by name."""
    members: dict[str, list[StoredRun]] = {}
    for run in records(store, "seed", sweep):
        members.setdefault(run.tags.get(Tag.PARENT, ""), []).append(run)
    by_name = {}
    for parent in records(store, "population", sweep):
        runs = sorted(members.get(parent.run_id, []), key=lambda run: int(run.params.get("seed", -1)))
        name = population_name(parent.params)
        by_name[name] = StoredPopulation(store, parent, runs, name)
    return by_name


def population_name(params: Mapping[str, str]) -> str:
    """Preset, or else task, then model and what else was overridden."""
    task, model, preset, overrides = (params.get(name, "") for name in NAME_PARAMS)
    return " · ".join(part for part in (preset or task, model, overrides) if part)
