"""What a network of the user's own returns, checked on a few sequences before anything is recorded."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from seqprobe.batch import Batch
from seqprobe.learning.cell_check import check_step
from seqprobe.learning.engine_choice import agree
from seqprobe.learning.experiment import Experiment
from seqprobe.models import Cell
from seqprobe.models.member import build_member
from seqprobe.models.random_layers import draws_at_random
from seqprobe.tasks.splits import draw_split
from seqprobe.user_calls import described, is_users_class, user_call, wrong_result

TOLERANCE = 1e-4
"""Largest difference of a stacked member from the same member alone, as a share of its greatest output."""


def check_network(experiment: Experiment) -> None:
    """Refuse a network with code of the user's own whose outputs nothing can be trained on.

    Raises:
        InvalidValue: the first fault, in one line.
    """
    network = build_member(experiment.build_network, experiment.seeds[0])  # with weights: a cell's are unset when built
    if not any(map(is_users_class, network.modules())):
        return
    for layer in network.modules():
        if isinstance(layer, Cell) and is_users_class(layer):
            check_step(layer)
    batch = few_sequences(experiment)
    with torch.random.fork_rng(devices=[]):
        check_outputs(experiment, network.to(experiment.dtype).train(), batch)
        may_stack = experiment.engine != "looped" and getattr(network, "supports_stacking", False)
        if may_stack and not draws_at_random(network, batch):
            check_stacking(experiment, batch)
        if experiment.engine == "compiled":
            check_compiling(experiment, batch)


def few_sequences(experiment: Experiment) -> Batch:
    """Training sequences in the precision of the training, as many as no other axis is long."""
    task = experiment.task
    other_sizes = {task.input_size, task.output_size, task.max_length}
    count = next(count for count in range(3, 7) if count not in other_sizes)
    return draw_split(task, "train", count, 0).to("cpu", experiment.dtype)


def check_outputs(experiment: Experiment, network: nn.Module, batch: Batch) -> None:
    """Refuse outputs that have the wrong shape, are NaN, or that no parameter changes."""
    task, subject = experiment.task, network_subject(network)
    inputs = batch.inputs.clone()
    with user_call(subject, f"forward(inputs {tuple(inputs.shape)}, lengths)"):
        outputs = network(inputs, batch.lengths)
    count, time, _ = batch.inputs.shape
    is_sequence = task.kind == "seq2seq"
    shape = (count, time, task.output_size) if is_sequence else (count, task.output_size)
    names = "(batch, time, output_size)" if is_sequence else "(batch, output_size)"
    if not isinstance(outputs, Tensor) or tuple(outputs.shape) != shape:
        raise wrong_result(subject, f"forward gave {described(outputs)}, expected {names} = {shape}")
    if not outputs.is_floating_point():
        raise wrong_result(subject, f"forward gave outputs of {outputs.dtype}, expected floating-point numbers")
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise wrong_result(subject, "has no parameters that can be trained")
    if not outputs.requires_grad:
        raise wrong_result(subject, "forward gave outputs that no parameter changes: they were detached, or made anew")
    if outputs.isnan().any():
        raise wrong_result(subject, "forward gave NaN for finite inputs, before any training")
    if not torch.equal(inputs, batch.inputs):
        raise wrong_result(subject, "forward changes its inputs in place; they are the training set: copy them")


def check_stacking(experiment: Experiment, batch: Batch) -> None:
    """Refuse a network that states ``supports_stacking`` and computes other outputs with a seeds axis."""
    outputs = []
    subject = network_subject(experiment.build_network())
    for engine in ("looped", "stacked"):
        population = experiment.build_population([0, 1], engine).to(experiment.dtype)
        with user_call(subject, f"forward in the engine {engine}"):
            outputs.append(population.eval().predict(batch.repeat(2)))
    alone, stacked = outputs
    if alone.shape != stacked.shape or (alone - stacked).abs().max() > TOLERANCE * (1 + alone.abs().max()):
        words = "gives other outputs with a seeds axis on its weights, as in the engine stacked; use engine=looped"
        raise wrong_result(subject, words)


def check_compiling(experiment: Experiment, batch: Batch) -> None:
    """Refuse a network whose machine code gives other gradients than autograd, as `engine_choice.agree` has it."""
    compiled, stacked = (
        experiment.build_population([0, 1], engine).to(experiment.dtype) for engine in ("compiled", "stacked")
    )
    if not agree(compiled, stacked, batch.repeat(2), experiment.task.loss):
        words = "gives other gradients when it is compiled: its step does more than its equations; use engine=auto"
        raise wrong_result(network_subject(experiment.build_network()), words)


def network_subject(network: nn.Module) -> str:
    """What messages about a network begin with: its class, or that of the part that is the user's own."""
    module = next((module for module in network.modules() if is_users_class(module)), network)
    return f"model {type(module).__name__}"
