"""The fastest engine for a population on this machine: engines are timed on throw-away training steps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import nn

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice
from seqprobe.learning.devices import synchronize
from seqprobe.learning.losses import LOSSES, MemberLosses
from seqprobe.models.compiled.obstacle import compiling_obstacle
from seqprobe.models.engines import ENGINES, StackedPopulation, build_population, codes_to_compile
from seqprobe.models.member import NetworkFactory
from seqprobe.models.population import Population
from seqprobe.models.random_layers import draws_at_random
from seqprobe.tasks import Task
from seqprobe.tasks.splits import draw_split
from seqprobe.user_calls import is_users_class

if TYPE_CHECKING:
    from seqprobe.learning.data import PopulationData

ENGINE_CHOICES = ("auto", *ENGINES)
TRIALS = 3
LONG = 0.5
"""Passes that take so many seconds are timed once."""
GAIN = 0.5
"""The share of its time that a training which the engine ``compiled`` speeds up saves, about; often more."""
AGREEMENT = 1e-3
"""The largest difference of a compiled gradient from autograd's, as a share of the greatest number in it."""
LOADING, COMPILING = 0.3, 0.7
"""Seconds, about, for importing LLVM and timing the engine ``compiled``, and for compiling one layer's code."""


def training_seconds(population: Population, data: PopulationData) -> float:
    """The seconds of a forward and a backward pass over the first minibatch."""
    device, dtype = population.weights.device, population.weights.dtype
    batch = next(data.minibatches(range(1))).to(device, dtype)
    start = time.perf_counter()
    pass_over(population, batch, data.task.loss)
    synchronize(device)
    return time.perf_counter() - start


def pass_over(population: Population, batch: Batch, loss: str) -> None:
    """A forward and a backward pass with a task's loss; one that is chosen instead takes about as long."""
    population.backward(MemberLosses(LOSSES[loss], lambda _: None), batch)


def seconds_by_engine(populations: Mapping[str, Population], data: PopulationData) -> dict[str, float]:
    """The seconds that each engine's passes take, after one to warm up."""

    def seconds(passes: int) -> dict[str, float]:
        return {
            name: min(training_seconds(population, data) for _ in range(passes))
            for name, population in populations.items()
        }

    warming_up = seconds(1)  # the first pass allocates memory, and takes up to ten times as long
    return seconds(TRIALS if max(warming_up.values()) < LONG else 1)


def engine_obstacle(engine: str, network: nn.Module, task: Task, dtype: torch.dtype, device: str) -> str:
    """Why an engine cannot train a network on a kind of device; empty if it can."""
    obstacle = "" if engine == "looped" else stacking_obstacle(network, task, dtype)
    if obstacle or engine != "compiled":
        return obstacle
    # A population of its own: compiling needs weights with a seeds axis.
    obstacle = compiling_obstacle(StackedPopulation([network]).networks[0], device)
    return f"{obstacle}; use auto" if obstacle else ""


def stacking_obstacle(network: nn.Module, task: Task, dtype: torch.dtype) -> str:
    """Why the members of a population cannot be stacked; empty if they can."""
    if not getattr(network, "supports_stacking", False):
        return "this network does not set supports_stacking = True; use looped or auto"
    try:
        batch = draw_split(task, "train", 2, 0)
    except Exception:  # a user's task may raise anything; its own training fails by it, and says so
        return ""
    if draws_at_random(network.to(dtype), batch.to("cpu", dtype)):
        return (
            "this network draws at random in training, as dropout does, which stacked members share; use looped or auto"
        )
    return ""


def choose_engine(
    engine: str,
    factory: NetworkFactory,
    seeds: Sequence[int],
    data: PopulationData,
    device: torch.device,
    at_once: int | None = None,
) -> str:
    """The requested engine, or with ``"auto"`` the one that trains this population faster on ``device``.

    Raises:
        InvalidValue: there is no such engine, or the requested one cannot train this network.
    """
    choice("engine", engine, ENGINE_CHOICES)
    dtype = data.train.inputs.dtype  # a trial in another precision would take another time

    def obstacle(name: str) -> str:
        return engine_obstacle(name, factory(), data.task, dtype, device.type)

    if engine != "auto":
        if words := obstacle(engine):
            raise InvalidValue("engine", engine, words)
        return engine
    if obstacle("stacked"):
        return "looped"

    def populations(*names: str) -> dict[str, Population]:
        return {name: build_population(factory, seeds, name, at_once).to(dtype).to(device) for name in names}

    plain = populations("stacked", "looped")
    seconds = seconds_by_engine(plain, data)
    gain = GAIN * data.max_steps * min(seconds.values())
    # Its kernels have not run on a GPU yet: there, it is taken by its name alone.
    if device.type == "cpu" and gain > LOADING and not obstacle("compiled"):
        compiled = populations("compiled")
        missing = codes_to_compile(compiled["compiled"], data.task.batch_size, dtype)
        if gain > LOADING + COMPILING * missing:
            batch = next(data.minibatches(range(1)))
            if agree(compiled["compiled"], plain["stacked"], batch, data.task.loss):
                seconds |= seconds_by_engine(compiled, data)
    return min(seconds, key=lambda name: seconds[name])


def agree(compiled: Population, stacked: Population, batch: Batch, loss: str) -> bool:
    """Whether machine code gives the gradients that autograd gives, tried for cells of the user's own.

    Tracing a step can miss what it does beside its equations. seqprobe's own cells are not tried.
    """
    if not any(map(is_users_class, compiled.networks.modules())):
        return True
    gradients = []
    for population in (compiled, stacked):
        pass_over(population, batch, loss)
        assert population.weights.grad is not None
        gradients.append(population.weights.grad)
    machine, autograd = gradients
    largest = float(autograd.abs().max())
    return torch.allclose(machine, autograd, rtol=AGREEMENT, atol=AGREEMENT * largest, equal_nan=True)
