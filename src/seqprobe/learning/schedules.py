"""Learning-rate schedules: torch's schedulers, stepped after every update.

A schedule is a function of the update alone, so that a member's does not depend on other members. Resuming repeats its
steps, which takes microseconds each, instead of loading a state: what a scheduler keeps is its own affair.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)

from seqprobe.checks import InvalidValue, integer, number, single_line

SchedulerFactory = Callable[[Optimizer], LRScheduler]


class WarmupCosine(SequentialLR):
    """A linear warm-up from zero, then cosine annealing to ``eta_min`` (Loshchilov and Hutter, 2017).

    With W = ``warmup`` · ``max_steps`` updates of warm-up, update k < W (counted from 0) has the rate lr (k + 1) / W.

    Args:
        max_steps: updates of the whole training.
        warmup: the share of them that the warm-up takes, 0 … 1.
        eta_min: the rate at the end.

    Raises:
        InvalidValue: an argument is outside its range.
    """

    def __init__(self, optimizer: Optimizer, max_steps: int, warmup: float = 0.05, eta_min: float = 0.0) -> None:
        integer("max_steps", max_steps, minimum=0)
        if not 0 <= number("warmup", warmup) <= 1:
            raise InvalidValue("warmup", warmup, "must be in 0 … 1: a share of the updates")
        rising = max(1, round(warmup * max_steps))
        # A rise over one update is none: the factor is 1 at once.
        warming_up = LinearLR(optimizer, 1 / rising, total_iters=max(1, rising - 1))
        annealing = CosineAnnealingLR(optimizer, max(1, max_steps - rising), number("eta_min", eta_min))
        super().__init__(optimizer, [warming_up, annealing], [rising])


def repeat_steps(scheduler: LRScheduler, updates: int) -> None:
    """Step a new scheduler as often as ``updates`` have stepped it."""
    with warnings.catch_warnings(action="ignore"):  # torch misses the optimizer's steps in between
        for _ in range(updates):
            scheduler.step()


def check_updates(scheduler: LRScheduler) -> None:
    """Refuse what torch takes for numbers of updates without a look.

    Raises:
        InvalidValue: one is no number of updates.
    """
    for scheduled in (scheduler, *getattr(scheduler, "_schedulers", ())):
        if isinstance(scheduled, StepLR):
            integer("scheduler.step_size", scheduled.step_size)
        elif isinstance(scheduled, ConstantLR | LinearLR | PolynomialLR):
            integer("scheduler.total_iters", scheduled.total_iters)  # with 0 the first factor would stay
        elif isinstance(scheduled, CosineAnnealingLR) and not number("scheduler.T_max", scheduled.T_max) > 0:
            raise InvalidValue("scheduler.T_max", scheduled.T_max, "must be > 0")
        elif isinstance(scheduled, MultiStepLR):
            for update in scheduled.milestones:
                integer("scheduler.milestones", update, minimum=0)


def check_schedule(optimizer: Optimizer, factory: SchedulerFactory, max_steps: int) -> None:
    """Try a schedule over all updates.

    Raises:
        InvalidValue: it is none that the number of updates decides, it ends too early, or a learning rate is no finite
            number >= 0.
    """
    scheduler = factory(optimizer)
    name = type(scheduler).__name__
    if not isinstance(scheduler, LRScheduler) or isinstance(scheduler, ReduceLROnPlateau):
        allowed = "must be a torch.optim.lr_scheduler.LRScheduler that reads no metric: all members share one schedule"
        raise InvalidValue("scheduler._target_", name, allowed)
    check_updates(scheduler)
    for update in range(max_steps):
        rate = float(optimizer.param_groups[0]["lr"])
        if not (math.isfinite(rate) and rate >= 0):
            allowed = f"gives update {update + 1} the learning rate {rate:g}, which must be a finite number >= 0"
            raise InvalidValue("scheduler", name, allowed)
        try:
            repeat_steps(scheduler, 1)
        except Exception as problem:  # schedules of a user's own may raise anything
            allowed = f"has no learning rate after update {update + 1} of {max_steps}: {single_line(problem)}"
            raise InvalidValue("scheduler", name, allowed) from problem
