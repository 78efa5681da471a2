"""Which engine runs a population faster here: both are timed on throw-away training steps."""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from seqprobe.checks import InvalidValue, choice
from seqprobe.learning.data import PopulationData
from seqprobe.learning.losses import LOSSES, masked_mean
from seqprobe.models.engines import ENGINES, build_population
from seqprobe.models.member import NetworkFactory
from seqprobe.models.population import Population

ENGINE_CHOICES = ("auto", *ENGINES)
TRIALS = 3


def training_seconds(population: Population, data: PopulationData) -> float:
    """The fastest of a few forward and backward passes over the first minibatch, after one to warm up."""
    device, dtype = population.weights.device, population.weights.dtype
    batch = next(data.minibatches(range(1))).to(device, dtype)
    loss = LOSSES[data.task.loss]
    seconds = []
    for _ in range(TRIALS + 1):
        start = time.perf_counter()
        population.backward(lambda outputs, own: masked_mean(loss(outputs, own), None), batch)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def choose_engine(
    engine: str,
    factory: NetworkFactory,
    seeds: Sequence[int],
    data: PopulationData,
    device: torch.device,
    at_once: int | None = None,
) -> str:
    """The engine asked for, or with ``"auto"`` the one that trains this population faster on ``device``.

    Raises:
        InvalidValue: there is no such engine, or the network cannot be stacked and was asked to be.
    """
    choice("engine", engine, ENGINE_CHOICES)
    stackable = getattr(factory(), "supports_stacking", False)
    if engine == "stacked" and not stackable:
        raise InvalidValue("engine", engine, "this network does not set supports_stacking = True; use looped or auto")
    if engine != "auto":
        return engine
    if not stackable:
        return "looped"
    seconds = {
        name: training_seconds(build_population(factory, seeds, name, at_once).to(device), data) for name in ENGINES
    }
    return min(seconds, key=lambda name: seconds[name])
