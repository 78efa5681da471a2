"""Snapshots: weights at a few moments of a training, on which probes run when it has ended."""

from __future__ import annotations

import numpy as np
import torch

from seqprobe.learning.callbacks import PopulationCallback
from seqprobe.learning.checkpoint import State
from seqprobe.learning.member_arrays import MemberSeries, from_tensors, to_tensors
from seqprobe.learning.module import PopulationModule

MAX_SNAPSHOTS = 8
"""Most validations whose weights are kept: the first, which is before any update, the last, and some in between."""


def snapshot_updates(max_steps: int, val_every: int) -> list[int]:
    """The updates at which weights are kept: about geometrically spaced validations.

    Twenty validations, 50 updates apart, give 0, 50, 100, 150, 200, 350, 600 and 1000.
    """
    last = -(-max_steps // val_every)
    if last == 0:
        return [0]
    chosen = {0, *np.geomspace(1, last, MAX_SNAPSHOTS - 1).round().astype(int).tolist()}
    return [min(index * val_every, max_steps) for index in sorted(chosen)]


class Snapshots(PopulationCallback):
    """Keeps members' weights at a few validations, ``(seeds, width)`` by update; NaN for those diverged by then.

    What a network keeps beside the weights that it trains, such as running means, is not kept.
    """

    def __init__(self) -> None:
        self.weights: MemberSeries = {}

    def after_validation(self, module: PopulationModule) -> None:
        if module.updates_done in snapshot_updates(module.data.max_steps, module.data.val_every):
            alive = module.population.alive.unsqueeze(1)
            weights = module.population.weights.detach().masked_fill(~alive, torch.nan)
            self.weights[module.updates_done] = weights.cpu().numpy()

    def state_dict(self) -> State:
        return to_tensors({"weights": self.weights})

    def load_state_dict(self, state_dict: State) -> None:
        self.weights = from_tensors(state_dict)["weights"]
