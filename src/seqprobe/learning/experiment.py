"""What decides a population's results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from seqprobe.checks import InvalidValue, choice
from seqprobe.learning.devices import device_kind
from seqprobe.learning.engine_choice import ENGINE_CHOICES, engine_obstacle
from seqprobe.learning.losses import LOSSES, ElementLosses, score_names
from seqprobe.learning.optimizers import OptimizerFactory
from seqprobe.learning.schedules import SchedulerFactory, check_schedule
from seqprobe.learning.settings import TrainerSettings
from seqprobe.learning.training_loss import ElementLoss, Loss, check_loss
from seqprobe.models import Population
from seqprobe.models.engines import build_population
from seqprobe.models.normalised import Normalised
from seqprobe.models.state_gradients import has_state_gradients
from seqprobe.probes import Probe
from seqprobe.tasks import Task


@dataclass(frozen=True)
class Experiment:
    """Everything that decides a population's results.

    Attributes:
        network: builds one untrained network from ``(input_size, output_size, kind, max_length)``.
        optimizer: builds the optimizer from parameters; it must be element-wise (see `optimizers`).
        scheduler: builds the schedule of its learning rate, which is stepped after every update; None keeps it.
        loss: what is trained instead of the task's loss; None is that.
    """

    task: Task
    network: Callable[[int, int, str, int], torch.nn.Module]
    optimizer: OptimizerFactory
    seeds: Sequence[int]
    trainer: TrainerSettings
    probes: Mapping[str, Probe[Any]] = field(default_factory=dict)
    engine: str = "auto"
    title: str = "network"
    scheduler: SchedulerFactory | None = None
    loss: Loss | None = None

    @property
    def dtype(self) -> torch.dtype:
        """The numbers that it is computed in."""
        return torch.float64 if self.trainer.precision == "64-true" else torch.float32

    @property
    def chosen_loss(self) -> ElementLosses | None:
        """``loss`` as the trainer takes it."""
        return None if self.loss is None else ElementLoss(self.loss)

    @property
    def element_losses(self) -> ElementLosses:
        """What is trained: the chosen loss, or the task's."""
        return self.chosen_loss or LOSSES[self.task.loss]

    def build_network(self) -> torch.nn.Module:
        """One untrained network of the task's sizes."""
        task = self.task
        with torch.random.fork_rng(devices=[]):  # layers of a user's own may draw from torch's global generator
            network = self.network(task.input_size, task.output_size, task.kind, task.max_length)
        return network if task.scaling() is None else Normalised(network, task.input_size, task.output_size)

    def build_population(self, seeds: Sequence[int], engine: str, at_once: int | None = None) -> Population:
        """The untrained population of ``seeds``, each member normalised as its own training set has it."""
        scalings = (self.task.for_seed(seed).scaling() for seed in seeds)
        known = [scaling for scaling in scalings if scaling is not None]
        return build_population(self.build_network, seeds, engine, at_once, known)

    def check(self) -> None:
        """Refuse what could only fail later: called before anything is recorded.

        Raises:
            InvalidValue: engine, device, precision, schedule, loss, a probe or the main score does not fit.
        """
        choice("engine", self.engine, ENGINE_CHOICES)
        if self.engine not in ("auto", "looped"):
            kind = device_kind(self.trainer)
            obstacle = engine_obstacle(self.engine, self.build_network(), self.task, self.dtype, kind)
            if obstacle:
                raise InvalidValue("engine", self.engine, obstacle)
        measured, main = score_names(self.task), self.task.main_score.name
        if main not in measured:
            allowed = f"must be one of the scores that are measured in validation: {', '.join(measured)}"
            allowed += "; Task.measures adds others"
            raise InvalidValue("task main_score", main, allowed)
        for name, probe in self.probes.items():
            probe.check(self.task)
            if probe.needs_trace and not hasattr(self.build_network(), "trace"):
                allowed = f"looks inside the network, which has no trace; leave it out with ~task.probes.{name}"
                raise InvalidValue(f"task.probes.{name}", type(probe).__name__, allowed)
            if probe.needs_state_gradients and not has_state_gradients(self.build_network()):
                allowed = f"follows states from step to step, which this network does not show; ~task.probes.{name}"
                raise InvalidValue(f"task.probes.{name}", type(probe).__name__, allowed)
        if self.loss is not None:
            check_loss(self.loss, self.task)
        if self.scheduler is not None:
            optimizer = self.optimizer([torch.nn.Parameter(torch.zeros(1, 1))])
            check_schedule(optimizer, self.scheduler, self.trainer.max_steps)
        scaling = self.task.scaling()
        for name, index in [] if scaling is None else scaling.coarse_values(self.dtype):
            allowed = f"single precision is too coarse: {name} number {index} vary little around a large mean"
            raise InvalidValue("trainer.precision", self.trainer.precision, f"{allowed}; use 64-true, or subtract it")
        device_kind(self.trainer)
