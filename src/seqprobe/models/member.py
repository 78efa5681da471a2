"""One member of a population: a network whose weights its seed alone decides."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from seqprobe.seeds import generator

NetworkFactory = Callable[[], nn.Module]
"""Builds one untrained network; ``network(inputs, lengths)`` takes ``(batch, time, input_size)`` and ``(batch,)``."""


def build_member(factory: NetworkFactory, seed: int) -> nn.Module:
    """Build the network whose weights ``seed`` alone decides, whatever layers it is made of.

    A network with ``reset_parameters(generator)`` draws its weights there; other modules draw theirs when they are
    built, from torch's global generator, which is seeded for that time and then restored.
    """
    weights = generator(seed, "weights")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(weights.initial_seed())
        network = factory()
    if callable(reset := getattr(network, "reset_parameters", None)):
        reset(weights)
    return network
