"""Populations as they were recorded: their members' metrics, by seed, with histories and artifacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqprobe.scoring import Tag
from seqprobe.tracking.run_frames import NAME_PARAMS, records
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class StoredPopulation:
    """A population in the store.

    Attributes:
        name: preset (or task), model and other overrides: ``post0/sine · lstm``.
        status: FINISHED, or how else it ended.
        params: of the parent.
        seeds: of the members, in order.
        finals: each metric's last value by name, ``(seeds,)``.
    """

    store: Store
    run_id: str
    member_ids: Sequence[str]
    name: str
    status: str
    params: Mapping[str, str]
    seeds: Sequence[int]
    finals: Mapping[str, np.ndarray]

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        """A metric's updates ``(n,)`` and values ``(seeds, n)``."""
        client = self.store.client()
        histories = [
            sorted((m.step, m.value) for m in client.get_metric_history(run, metric)) for run in self.member_ids
        ]
        values = np.array([[value for _, value in member] for member in histories], dtype=float)
        return np.array([step for step, _ in histories[0]]), values.reshape(len(histories), -1)

    def artifact(self, path: str) -> bytes | None:
        """The content of an artifact of the parent, or None where there is none."""
        return self.store.artifact(self.run_id, path)


def populations(store: Store, sweep: str) -> dict[str, StoredPopulation]:
    """All populations of a sweep, by name."""
    members: dict[str, list[StoredRun]] = {}
    for run in records(store, "seed", sweep):
        members.setdefault(run.tags.get(Tag.PARENT, ""), []).append(run)
    by_name = {}
    for parent in records(store, "population", sweep):
        runs = sorted(members.get(parent.run_id, []), key=lambda run: int(run.params.get("seed", -1)))
        metrics = {metric for run in runs for metric in run.metrics}
        name = population_name(parent.params)
        by_name[name] = StoredPopulation(
            store=store,
            run_id=parent.run_id,
            member_ids=[run.run_id for run in runs],
            name=name,
            status=parent.status,
            params=parent.params,
            seeds=[int(run.params.get("seed", -1)) for run in runs],
            finals={metric: np.array([run.metrics.get(metric, np.nan) for run in runs]) for metric in metrics},
        )
    return by_name


def population_name(params: Mapping[str, str]) -> str:
    """Preset, or else task, then model and what else was overridden."""
    task, model, preset, overrides = (params.get(name, "") for name in NAME_PARAMS)
    return " · ".join(part for part in (preset or task, model, overrides) if part)
