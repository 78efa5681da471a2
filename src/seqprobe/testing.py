"""Checks of your own tasks, cells and probes, for your own test suite: each raises one line that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from seqprobe.checks import InvalidValue
from seqprobe.evaluation.probe_check import check_probe_result, untrained_members
from seqprobe.learning.cell_check import check_step
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import Cell, RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.engines import build_population
from seqprobe.models.member import build_member
from seqprobe.probes import Probe
from seqprobe.tasks import Task, stated_sizes
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine
from seqprobe.tasks.inverse import Inverse
from seqprobe.tasks.remember import Remember
from seqprobe.tasks.sample_check import check_samples
from seqprobe.tasks.turnstile import Turnstile
from seqprobe.user_calls import user_call, wrong_result

STEPS, INPUTS, HIDDEN = 20, 3, 4
"""Of the sequences and of the layer on which a cell is tried."""
TOLERANCE = 1e-8
"""Largest difference of two ways to compute a cell in float64, as a share of the largest number."""


def check_task(task: Task) -> None:
    """Check what a task states, and what its functions return for a few sequences.

    Raises:
        InvalidValue: the first fault, as before a training.
    """
    stated_sizes.check_task(task)
    check_samples(task)


def check_cell(cell: Callable[[int, int], Cell]) -> None:
    """Check that all ways to compute a cell agree, and that every parameter takes part.

    Members that are stacked have to equal members alone, and `trace` has to return what the layer returns.

    Args:
        cell: the class, or what builds a layer from ``(input_size, hidden_size)``.

    Raises:
        InvalidValue: the first fault.
    """
    network = partial(RecurrentNetwork, INPUTS, 2, "seq2seq", STEPS, cell=cell, hidden_size=HIDDEN)
    built = build_member(network, 0).double()
    assert isinstance(built, RecurrentNetwork)
    layer, source = built.layers[0], torch.Generator().manual_seed(0)
    subject = f"cell {type(layer).__name__}"
    check_step(layer)
    inputs = torch.randn(5, STEPS, INPUTS, generator=source, dtype=torch.float64)
    with user_call(subject, "step"):
        hidden, traced = layer.loop(inputs), layer.trace(inputs)
        gradients = parameter_gradients(layer, hidden)
    for (name, _), gradient in zip(layer.named_parameters(), gradients, strict=True):
        if not gradient.any():
            raise wrong_result(subject, f"parameter {name} changes nothing")
    require_equal(subject, "trace gives other states than the layer", [traced[layer.states[0]]], [hidden])
    check_stacked(subject, network, inputs)


def check_stacked(subject: str, network: Callable[[], torch.nn.Module], inputs: Tensor) -> None:
    """Check that members with a seeds axis on their weights equal members alone."""
    stacked, looped = (build_population(network, [0, 1], engine).double() for engine in ("stacked", "looped"))
    batch, lengths = inputs.expand(2, *inputs.shape), torch.full((2, len(inputs)), STEPS)
    with torch.no_grad(), user_call(subject, "step with a seeds axis"):
        outputs = [stacked(batch, lengths)], [looped(batch, lengths)]
    require_equal(subject, "step gives other values with a seeds axis, which is the first of its tensors", *outputs)


def parameter_gradients(layer: Cell, hidden: Tensor) -> list[Tensor]:
    """The gradients of all parameters by a sum of squares of the layer's output."""
    return list(torch.autograd.grad(hidden.square().sum(), [*layer.parameters()], materialize_grads=True))


def require_equal(subject: str, words: str, some: Sequence[Tensor], others: Sequence[Tensor]) -> None:
    """Refuse what differs by more than rounding."""
    for one, other in zip(some, others, strict=True):
        if one.shape != other.shape or (one - other).abs().max() > TOLERANCE * (1 + other.abs().max()):
            raise wrong_result(subject, words)


def small_tasks() -> list[Task]:
    """A small task of each kind, on which probes are tried."""
    return [
        Reproduce("reproduced_sine", Sine([0.1, 0.4]), "xy", points=10, train_size=20, val_size=4, batch_size=4),
        NameParameters("parameters", Line([0.1, 0.9]), ["slope"], points=6, train_size=20, val_size=4, batch_size=4),
        Remember("remember", symbols=3, distractors=2, lag=2, train_size=20, val_size=4, batch_size=4),
        Turnstile("turnstile", 0.4, 9, train_size=20, val_size=4, batch_size=4),
        Inverse("inverse", [2, 3], train_size=20, val_size=4, batch_size=4),
    ]


def check_probe(
    probe: Probe[Any], task: Task | None = None, network: Callable[[int, int, str, int], torch.nn.Module] | None = None
) -> None:
    """Run a probe on two untrained networks, and check what it returns and draws.

    Args:
        task: what the networks are for; by default a small task that the probe accepts.
        network: builds one from ``(input_size, output_size, kind, max_length)``; by default a small GRU.

    Raises:
        InvalidValue: the first fault, or no built-in task suits the probe.
    """
    chosen = suitable_task(probe) if task is None else task
    probe.check(chosen)
    built = partial(RecurrentNetwork, cell=GRU, hidden_size=HIDDEN) if network is None else network
    experiment = Experiment(chosen, built, torch.optim.SGD, [0, 1], TrainerSettings(max_steps=0))
    check_probe_result(f"probe {type(probe).__name__}", probe, untrained_members(experiment))


def suitable_task(probe: Probe[Any]) -> Task:
    """The first of the small tasks that a probe accepts."""
    for task in small_tasks():
        try:
            probe.check(task)
        except InvalidValue:
            continue
        return task
    raise wrong_result(f"probe {type(probe).__name__}", "accepts none of seqprobe's tasks: state a task to check it on")
