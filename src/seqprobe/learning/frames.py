"""Frames: what members answer to a few sequences at some validations, for an animation of the training."""

from __future__ import annotations

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.learning.callbacks import PopulationCallback
from seqprobe.learning.checkpoint import State
from seqprobe.learning.member_arrays import MemberSeries, from_tensors, to_tensors
from seqprobe.learning.module import PopulationModule

MAX_FRAMES = 25
"""Most validations whose answers are kept. A training may validate thousands of times: all of its answers would make
the memory, and every checkpoint, many times as large."""


def frame_updates(max_steps: int, val_every: int) -> list[int]:
    """The updates at which answers are kept: equally spaced validations, the first and the last among them."""
    last = -(-max_steps // val_every)
    chosen = np.unique(np.linspace(0, last, MAX_FRAMES).round().astype(int))
    return [min(index * val_every, max_steps) for index in chosen.tolist()]


class Frames(PopulationCallback):
    """Keeps every member's outputs for the same few validation sequences, by update, at some validations."""

    def __init__(self, shown: Batch) -> None:
        self.shown = shown
        self.outputs: MemberSeries = {}

    def after_validation(self, module: PopulationModule) -> None:
        if module.updates_done not in frame_updates(module.data.max_steps, module.data.val_every):
            return
        population, weights = module.population, module.population.weights
        outputs = population.predict(self.shown.to(weights.device, weights.dtype).repeat(len(population)))
        outputs = outputs.masked_fill(~population.alive[(..., *[None] * (outputs.dim() - 1))], torch.nan)
        self.outputs[module.updates_done] = outputs.cpu().double().numpy()

    def state_dict(self) -> State:
        return to_tensors({"outputs": self.outputs})

    def load_state_dict(self, state_dict: State) -> None:
        self.outputs = from_tensors(state_dict)["outputs"]
