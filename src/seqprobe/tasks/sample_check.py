"""What a task's functions return, checked on a few sequences before anything is recorded."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.scoring import is_score_name
from seqprobe.tasks.splits import Split, draw_split
from seqprobe.tasks.task import Task
from seqprobe.user_calls import described, user_call, wrong_result

MOST = 64
"""Sequences that are drawn at most; they take milliseconds."""
IGNORED = -100
"""The class that torch's cross-entropy leaves out: allowed in the padding."""


def check_samples(task: Task) -> None:
    """Refuse a task whose sequences, measures or levels nothing can be trained on.

    Raises:
        InvalidValue: the first fault, in one line.
    """
    splits: tuple[Split, ...] = ("train",) if type(task).sample_split is Task.sample_split else ("train", "val")
    count = max(2, min(task.batch_size, MOST))
    drawn = [checked_draw(task, split, count) for split in splits]
    further = checked_draw(task, splits[-1], count + 1)
    steps = sorted({batch.inputs.shape[1] for batch in (*drawn, further)})
    if len(steps) > 1:
        words = f"sample gave {steps[0]} steps once and {steps[-1]} later; pad all to max_length = {task.max_length}"
        raise wrong_result(subject(task), words)
    check_measures(task, drawn[-1])
    check_levels(task, drawn[0], drawn[-1])


def subject(task: Task) -> str:
    """What messages about a task begin with."""
    return f"task {task.name}"


def checked_draw(task: Task, split: Split, count: int) -> Batch:
    """``count`` sequences of seed 0, drawn twice and checked.

    Raises:
        InvalidValue: they do not fit what the task states, or the second draw gave others.
    """
    called = "sample" if type(task).sample_split is Task.sample_split else f"sample_split({split})"
    with user_call(subject(task), called):
        batch, again = draw_split(task, split, count, 0), draw_split(task, split, count, 0)
    if problem := batch_fault(task, batch, count):
        raise wrong_result(subject(task), f"{called} gave {problem}")
    if not all(map(torch.equal, batch.tensors, again.tensors)):
        words = "other sequences for an equal generator; whatever is random has to be drawn from it"
        raise wrong_result(subject(task), f"{called} gave {words}")
    return batch


def batch_fault(task: Task, batch: object, count: int) -> str:
    """What of ``count`` sequences does not fit what the task states, in words; empty if they fit."""
    if not isinstance(batch, Batch):
        return f"{described(batch)}, expected a seqprobe.batch.Batch"
    for name in ("inputs", "targets", "lengths"):
        value = getattr(batch, name)
        if not isinstance(value, Tensor):
            return f"{name} of type {type(value).__name__}, expected a torch tensor"
        if value.requires_grad:
            return f"{name} that require gradients; detach them"
    return inputs_fault(task, batch, count) or lengths_fault(batch) or targets_fault(task, batch)


def inputs_fault(task: Task, batch: Batch, count: int) -> str:
    """What is wrong with the inputs."""
    shape, features = tuple(batch.inputs.shape), task.input_size
    if len(shape) != 3 or (shape[0], shape[2]) != (count, features) or not 1 <= shape[1] <= task.max_length:
        return f"inputs {shape}, expected (n, time, features) = ({count}, {task.max_length}, {features})"
    return numbers_fault("inputs", batch.inputs)


def lengths_fault(batch: Batch) -> str:
    """What is wrong with the lengths, given inputs that are right."""
    (count, time, _), lengths = batch.inputs.shape, batch.lengths
    if tuple(lengths.shape) != (count,):
        return f"lengths {described(lengths)}, expected (n,) = ({count},)"
    if lengths.dtype != torch.int64:
        return f"lengths of {lengths.dtype}, expected torch.int64"
    least, greatest = int(lengths.min()), int(lengths.max())
    return "" if least >= 1 and greatest <= time else f"lengths {least} … {greatest}, expected 1 … {time} (time)"


def targets_fault(task: Task, batch: Batch) -> str:
    """What is wrong with the targets, given inputs and lengths that are right."""
    (count, time, _), targets = batch.inputs.shape, batch.targets
    steps, features = ["time"] * (task.kind == "seq2seq"), ["output_size"] * (task.loss == "mse")
    sizes = {"n": count, "time": time, "output_size": task.output_size}
    names = ["n", *steps, *features]
    shape = tuple(sizes[name] for name in names)
    if tuple(targets.shape) != shape:
        expected = f"({', '.join(names)}{',' * (len(names) == 1)}) = {shape}"
        return f"targets {described(targets)}, expected {expected} for {task.kind} with {task.loss}"
    return numbers_fault("targets", targets) if task.loss == "mse" else classes_fault(task, batch)


def classes_fault(task: Task, batch: Batch) -> str:
    """What is wrong with classes of the right shape."""
    classes = batch.targets
    if classes.dtype != torch.int64:
        return f"targets of {classes.dtype}, expected classes as torch.int64"
    if task.kind == "seq2seq":
        classes = classes[batch.mask | (classes != IGNORED)]
    least, greatest = int(classes.min()), int(classes.max())
    allowed = f"0 … {task.output_size - 1}, one for each output name"
    return "" if least >= 0 and greatest < task.output_size else f"classes {least} … {greatest}, expected {allowed}"


def numbers_fault(name: str, values: Tensor) -> str:
    """What is wrong with inputs or targets that should be numbers."""
    if not values.is_floating_point():
        return f"{name} of {values.dtype}, expected floating-point numbers"
    if values.isfinite().all():
        return ""
    place = (~values.isfinite()).nonzero()[0].tolist()
    return f"{name}{place} = {values[tuple(place)].item():g}, expected finite numbers"


def check_measures(task: Task, batch: Batch) -> None:
    """Refuse measures that do not have a value for each output or target, and a mask of another shape."""
    shape = (1, *batch.targets.shape) if task.loss == "mse" else (1, *batch.targets.shape, task.output_size)
    outputs = torch.zeros(shape)
    for name, measure in task.measures().items():
        with user_call(subject(task), f"measure {name}"):
            values = measure(outputs, batch.to("cpu", torch.float32).targets.unsqueeze(0))
        if not isinstance(values, Tensor) or values.shape[:-1] != outputs.shape[:-1] or not values.is_floating_point():
            expected = f"a floating-point value for each output {tuple(outputs.shape)}"
            kind = f" of {values.dtype}" if isinstance(values, Tensor) else ""
            raise wrong_result(subject(task), f"measure {name} gave {described(values)}{kind}, expected {expected}")
    mask, expected_shape = task.settled_mask(), (batch.inputs.shape[1], task.output_size)
    if mask is not None and (tuple(mask.shape) != expected_shape or mask.dtype != torch.bool):
        words = f"settled_mask gave {described(mask)} of {mask.dtype}, expected booleans {expected_shape}"
        raise wrong_result(subject(task), words)


def is_level(item: tuple[object, object]) -> bool:
    """Whether a role and its level are a name and a pair of numbers."""
    role, level = item
    is_pair = isinstance(level, tuple) and len(level) == 2 and all(isinstance(value, float | int) for value in level)
    return is_pair and is_score_name(role)


def check_levels(task: Task, train: Batch, val: Batch) -> None:
    """Refuse reference levels that are no pairs of numbers, and positions of another number of steps."""
    with user_call(subject(task), "reference_levels"):
        levels = task.reference_levels(train, val)
    if not isinstance(levels, Mapping) or not all(map(is_level, levels.items())):
        expected = "a Level of two floats, (score, loss), for each role"
        raise wrong_result(subject(task), f"reference_levels gave {levels}, expected {expected}")
    with user_call(subject(task), "time_axis"):
        positions, label = task.time_axis()
    if not isinstance(positions, Tensor) or tuple(positions.shape) != (task.max_length,) or not isinstance(label, str):
        expected = f"(max_length,) = ({task.max_length},) and the axis's label"
        raise wrong_result(subject(task), f"time_axis gave {described(positions)}, expected {expected}")
