"""The plan of a training: what is decided once, before it, and kept when it is resumed.

A resumed training must not decide again: memory that is free now may cut the members into other groups, whose
checkpoints have other names, and a timed engine choice may fall differently. So the plan is saved before the first
update, and again with every checkpoint; without it a training restarts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from seqprobe.learning.archive import Archive, archived_engine
from seqprobe.learning.data import PopulationData
from seqprobe.learning.engine_choice import choose_engine, engine_obstacle
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.memory import (
    bytes_at_work,
    bytes_held,
    bytes_shared,
    check_update,
    drawing_room,
    member_groups,
    memory_budget,
)
from seqprobe.models import Population

UPDATES_PER_BATCH = 50
"""Most updates in one Lightning batch; progress is shown as often."""


@dataclass(frozen=True)
class Plan:
    """How a population is trained.

    Attributes:
        engine: what computes it.
        at_once: most members that are computed together.
        groups: seeds that are trained together, one group after the other; not those that were trained before.
    """

    engine: str
    at_once: int
    groups: Sequence[Sequence[int]]

    def population(self, experiment: Experiment, seeds: Sequence[int]) -> Population:
        """The untrained population of ``seeds``."""
        return experiment.build_population(seeds, self.engine, self.at_once)


def make_plan(
    experiment: Experiment, known: Mapping[int, Archive], device: torch.device
) -> tuple[Plan, PopulationData | None]:
    """A plan that trains all seeds but the ``known`` members, and the data of its first group.

    With ``auto``, the engine that trained the others trains the rest as well.

    Raises:
        InvalidValue: the data of a single member, or one of its updates, do not fit into memory.
    """
    task, network = experiment.task, experiment.build_network()
    seeds = [seed for seed in experiment.seeds if seed not in known]
    engine = archived_engine(next(iter(known.values()))) if known and experiment.engine == "auto" else experiment.engine
    available = (
        memory_budget(experiment.trainer.memory_gib, device) // 2
    )  # half for what members hold, half for computing with them
    at_once = max(2, available // bytes_at_work(task, network, experiment.dtype))
    if not seeds:
        return Plan(engine, at_once, []), None
    check_update(task, network, experiment.dtype, device, 1 if engine == "looped" else min(2, len(seeds)))
    room = min(available, drawing_room(task, experiment.dtype)) - bytes_shared(task, experiment.dtype)
    cut = member_groups(seeds, bytes_held(task, network, experiment.dtype), room)
    data = group_data(experiment, cut[0])
    if engine != experiment.engine and engine_obstacle(engine, network, task, experiment.dtype, device.type):
        engine = "auto"  # the other members were trained elsewhere, or by a version that stacked what draws at random
    engine = choose_engine(engine, experiment.build_network, cut[0], data, device, at_once)
    return Plan(engine, at_once, [list(group) for group in cut]), data


def group_data(experiment: Experiment, seeds: Sequence[int]) -> PopulationData:
    """The data of some members."""
    settings = experiment.trainer
    return PopulationData(
        experiment.task,
        seeds,
        max_steps=settings.max_steps,
        val_every=settings.validation_interval,
        updates_per_batch=UPDATES_PER_BATCH,
        dtype=experiment.dtype,
        reshuffle=settings.reshuffle,
    )
