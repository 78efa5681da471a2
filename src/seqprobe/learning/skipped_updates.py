"""Once all members have diverged, the rest of a training is skipped.

What is recorded of a member is the same as beside others that train on: losses and scores that are NaN, and the
scheduled learning rates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from seqprobe.learning.schedules import repeat_steps
from seqprobe.models.normalised import Normalised
from seqprobe.models.population import Population

if TYPE_CHECKING:
    from seqprobe.learning.module import PopulationModule


def is_at_rest(population: Population) -> bool:
    """Whether further updates would change nothing: all members have diverged.

    And their networks keep nothing that each pass changes, such as running means.
    """
    if population.alive.any():
        return False
    kept = {name for network in population.networks for name, _ in network.named_buffers()}
    return kept <= set(Normalised.member_buffers)


def skip_updates(module: PopulationModule, steps: range) -> None:
    """Record updates without computing them."""
    weights, module.chunk_rates = module.population.weights.detach(), list[float]()
    module.chunk_losses = weights.new_full((len(steps), len(weights)), torch.nan)
    if module.scheduler is not None:
        for _ in steps:
            module.chunk_rates.append(float(module.trainer.optimizers[0].param_groups[0]["lr"]))
            repeat_steps(module.scheduler, 1)
    module.updates_done = steps.stop


def skip_validation(module: PopulationModule) -> None:
    """Record the scores of a validation after the first without computing them."""
    module.val_scores = {name: torch.full_like(value, torch.nan) for name, value in module.val_scores.items()}
