"""Probes of the user's own, run on untrained members before anything is recorded."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from seqprobe.evaluation.population_members import PopulationMembers
from seqprobe.learning.experiment import Experiment
from seqprobe.probes import Probe
from seqprobe.probes.probe import NoAnswer
from seqprobe.probes.result_check import result_fault
from seqprobe.user_calls import described, is_users_class, user_call, wrong_result

MEMBERS = 2
"""Untrained members that a probe is tried on; a training probes all members several times."""


def check_probes(experiment: Experiment) -> None:
    """Refuse probes of the user's own that raise, or whose results or figures cannot be recorded.

    Raises:
        InvalidValue: the first fault, in one line.
    """
    probes = {name: probe for name, probe in experiment.probes.items() if is_users_class(probe)}
    if not probes:
        return
    members = untrained_members(experiment)
    for name, probe in probes.items():
        check_probe_result(f"probe {name}", probe, members)


def untrained_members(experiment: Experiment) -> PopulationMembers:
    """A few members of an experiment before training."""
    first = experiment.seeds[0]
    seeds = [first, *(seed for seed in range(MEMBERS) if seed != first)][:MEMBERS]
    few = dataclasses.replace(experiment, seeds=seeds)
    with torch.random.fork_rng(devices=[]):
        population = few.build_population(seeds, "looped").to(few.dtype)
    return PopulationMembers(few, population.eval(), "looped")


def check_probe_result(subject: str, probe: Probe[Any], members: PopulationMembers) -> None:
    """Run a probe on members, check what it returns, and draw it.

    Args:
        subject: what messages begin with.
    """
    task, seeds = members.experiment.task, members.experiment.seeds
    try:
        with np.errstate(all="ignore"), user_call(subject, "run", NoAnswer):
            result = probe.run(members, task, seeds)
    except NoAnswer:
        return
    if fault := result_fault(result, len(seeds), probe.scores):
        raise wrong_result(subject, f"run gave {fault}")
    if type(probe).draw is Probe.draw:
        return
    with np.errstate(all="ignore"), user_call(subject, "draw"):
        figure = probe.draw(result, task, "")
    if not hasattr(figure, "savefig"):
        raise wrong_result(subject, f"draw gave {described(figure)}, expected a Matplotlib figure")
