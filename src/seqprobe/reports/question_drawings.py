"""Post 1's pictures of its data, which need no training: why one input does not determine z, and three nearly do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import torch

from seqprobe import figures
from seqprobe.reports.claims.recorded_run import Runs
from seqprobe.tasks.inverse import observations, wavy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOW, HIGH, INPUTS, NOISE = 0.0, 10.0, 3, 0.1
"""The post's targets, and its inputs' number and noise."""
CHOSEN = 6.6
"""The z that the post shows."""
POINTS = 200


def draw_ambiguity(_: Runs) -> Figure:
    """One value of f that many z have."""
    wide = torch.linspace(LOW - INPUTS + 1, HIGH, 4 * POINTS)
    return figures.ambiguity(wide.numpy(), wavy(wide).numpy(), "One value of f does not tell z")


def draw_inputs(_: Runs) -> Figure:
    """The three noisy inputs of one z."""
    wide = torch.linspace(LOW - INPUTS + 1, HIGH, 4 * POINTS)
    noise = NOISE * torch.randn(INPUTS, generator=torch.Generator().manual_seed(0))
    seen = observations(torch.tensor([CHOSEN]), INPUTS)[0] + noise
    return figures.noisy_inputs(wide.numpy(), wavy(wide).numpy(), CHOSEN, seen.numpy(), "Three noisy inputs of one z")


def draw_distances(inputs: int, words: str, title: str) -> Callable[[Runs], Figure]:
    """How far the questions of any two z are from each other, with so many inputs."""

    def draw(_: Runs) -> Figure:
        z = torch.linspace(LOW, HIGH, POINTS)
        seen = observations(z, inputs)
        return figures.question_distances(z.numpy(), torch.cdist(seen, seen).numpy(), words, title)

    return draw


QUESTION_DRAWINGS: Mapping[str, Callable[[Runs], Figure]] = {
    "one_value": draw_ambiguity,
    "three_inputs": draw_inputs,
    "distances_of_one_input": draw_distances(1, "one input", "With one input many z look alike"),
    "distances_of_three_inputs": draw_distances(INPUTS, "three inputs", "With three inputs hardly any do"),
}
"""Drawings by name."""
