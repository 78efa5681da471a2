"""What a seed decides: one independent random stream each for data, weights, batch order and probes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from seqprobe.checks import InvalidValue, integer

STREAMS = ("train_data", "validation_data", "weights", "order", "probes", "training", "split", "fresh_data")
"""Names of the streams spawned from ``SeedSequence(seed)``, in spawning order (appending keeps old results)."""

MOST_SEEDS = 100_000
"""Members of one population: each is a run in MLflow."""
LARGEST_SEED = 2**64 - 1


def stream(seed: int, name: str) -> np.random.SeedSequence:
    """The named stream of a seed; streams of one seed are independent of each other."""
    return np.random.SeedSequence(seed, spawn_key=(STREAMS.index(name),))


def generator(seed: int, name: str) -> torch.Generator:
    """A CPU generator at the start of a seed's named stream."""
    return torch.Generator().manual_seed(int(stream(seed, name).generate_state(1, np.uint64)[0] >> 1))


def numbered_generator(seed: int, name: str, number: int) -> torch.Generator:
    """A CPU generator that a seed, a stream's name and a number, such as an update's, determine."""
    numbers = np.random.PCG64(stream(seed, name))
    numbers.advance(number)
    return torch.Generator().manual_seed(int(numbers.random_raw()) >> 1)


def update_numbers(seed: int, steps: range) -> list[int]:
    """A 64-bit number for each of the updates ``steps``, at which layers that draw at random start.

    A pure function of seed and update, so that neither other members nor an interruption change what is drawn.
    """
    numbers = np.random.PCG64(stream(seed, "training"))
    numbers.advance(steps.start)
    return [int(number) for number in numbers.random_raw(len(steps))]


def parse_seeds(value: Any) -> list[int]:
    """Read a count (``8`` means 0…7) or a list (``[3, 7]``) of seeds.

    Raises:
        InvalidValue: not a positive count, or a list that is empty, has duplicates or no non-negative integers.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return list(range(integer("seeds", value, maximum=MOST_SEEDS)))
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidValue("seeds", value, "must be a count (8 means 0…7) or a list of seeds ([3,7])")
    seeds = [integer("seeds", seed, minimum=0, maximum=LARGEST_SEED) for seed in value]
    if not seeds:
        raise InvalidValue("seeds", "[]", "a list of seeds must not be empty")
    integer("number of seeds", len(seeds), maximum=MOST_SEEDS)
    if len(set(seeds)) < len(seeds):
        raise InvalidValue("seeds", seeds, "a list of seeds must not have duplicates")
    return seeds
