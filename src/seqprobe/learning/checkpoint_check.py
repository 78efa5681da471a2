"""Whether a checkpoint is one of this training: files can be mixed up, and a digest only proves that one is whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from seqprobe.learning.checkpoint import CheckpointError, State
from seqprobe.learning.module import PopulationModule


def check_state(state: State, module: PopulationModule) -> None:
    """Refuse a checkpoint whose arrays do not fit a group of members.

    Raises:
        CheckpointError, KeyError, TypeError, AttributeError: it is of another training, or of none.
    """
    saved, weights, seeds = state["module"], module.population.weights, len(module.population)
    for values in (saved["weights"], state["best"]["weights"]):
        expect_shape(values, weights.shape)
    members = [saved["alive"], saved["diverged_at"], *saved["val_scores"].values()]
    members += [state["best"]["loss"], *state["best"]["scores"].values()]
    for values in members:
        expect_shape(values, (seeds,))
    expect(set(saved["val_scores"]) == set(state["best"]["scores"]))
    expect(len(saved["causes"]) == len(saved["untrained"]) == seeds)
    for member, values in enumerate(saved["untrained"]):
        expect(shapes(values) == shapes(module.population.untrained_values(member)))
    updates = saved["updates_done"]
    expect(type(updates) is int and 0 <= updates <= module.data.max_steps)
    check_series(state, updates, weights.shape)
    optimizer, _ = module.build_optimizer(torch.nn.Parameter(torch.zeros(1, 1)))
    check_optimizer(saved["optimizer"], optimizer, weights)


def check_series(state: State, updates: int, shape: torch.Size) -> None:
    """Refuse series of metrics, frames or snapshots of other members, or of more updates than were made."""
    recording = state["recording"]
    expect(recording["pending"].dim() == 1 or recording["pending"].shape[1] == shape[0])
    series = {"frames": state["frames"]["outputs"], "snapshots": state["snapshots"]["weights"], **recording["history"]}
    for name, at in series.items():
        steps, values = at["steps"].tolist(), at["values"]
        expect(len(values) == len(steps) and all(0 <= step <= updates for step in steps))
        if name == "frames":
            expect(values.shape[1] == shape[0])
        else:
            expect_shape(values, (len(steps), *(shape if name == "snapshots" else shape[:1])))


def check_optimizer(saved: Mapping[str, Any] | None, optimizer: torch.optim.Optimizer, weights: Tensor) -> None:
    """Refuse another optimizer's state, or one for other weights: elementwise ones keep a number per weight, or one."""
    if saved is None:
        return
    (group,), (expected,) = saved["param_groups"], optimizer.state_dict()["param_groups"]
    expect(set(group) == set(expected) and group["params"] == expected["params"])
    for values in saved["state"].values():
        tensors = [value for value in values.values() if isinstance(value, Tensor)]
        expect(all(value.numel() == 1 or value.shape == weights.shape for value in tensors))


def shapes(values: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    """The shapes of tensors by name."""
    return {name: value.shape for name, value in values.items()}


def expect_shape(values: Tensor, shape: tuple[int, ...]) -> None:
    """Refuse a tensor of another shape."""
    expect(tuple(values.shape) == tuple(shape))


def expect(fits: bool) -> None:
    """Refuse a checkpoint that does not fit.

    Raises:
        CheckpointError: it does not.
    """
    if not fits:
        raise CheckpointError("it is of another training")
