"""What a network is fed, in print: the first minibatch of a seed."""

from __future__ import annotations

import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.learning.data import Order
from seqprobe.learning.fresh_data import FreshSequences
from seqprobe.tasks import Task
from seqprobe.tasks.splits import draw_split

SEQUENCES, STEPS = 8, 24
"""Most of them that are printed."""


def training_example(task: Task, seed: int) -> str:
    """The first minibatch that ``seed`` trains on: the sizes, then inputs, lengths (one-hot) and targets."""
    batch = first_minibatch(task, seed)
    sizes = {"inputs": batch.inputs, "lengths": batch.lengths, "targets": batch.targets}
    shown = batch.head(SEQUENCES)
    left_out = len(batch.lengths) - len(shown.lengths)
    lines = [f"{task.name}: the first minibatch of seed {seed}"]
    lines += [f"  {name}: {'x'.join(map(str, values.shape))}" for name, values in sizes.items()]
    lines += ["", f"inputs{' (zero padded on the right)' if (batch.lengths < batch.inputs.shape[1]).any() else ''}:"]
    lines += inputs_lines(shown.inputs)
    ends = torch.nn.functional.one_hot(shown.lengths - 1, batch.inputs.shape[1])
    lines += ["", "lengths (1 at the last true step):", *(format_numbers(row) for row in ends)]
    lines += ["", "targets:", *target_lines(task, shown)]
    return "\n".join([*lines, *([f"… and {left_out} more sequences"] if left_out else [])]) + "\n"


def first_minibatch(task: Task, seed: int) -> Batch:
    """The sequences of a seed's first update, without a seeds axis."""
    if task.train_size is None:
        (batch,) = FreshSequences(task, [seed]).minibatches(range(1), torch.device("cpu"), torch.float64)
        return batch.member(0)
    data = draw_split(task, "train", task.train_size, seed)
    chosen = torch.from_numpy(Order(seed, task.batch_size, task.train_size).indices(range(1))[0]).long()
    return Batch(*(part[chosen] for part in data.tensors))


def inputs_lines(inputs: Tensor) -> list[str]:
    """One line per sequence: numbers, the index of each one-hot step (a dot in padding), or features in brackets."""
    one_hot = inputs.shape[-1] > 1 and bool(((inputs == 0) | (inputs == 1)).all()) and bool((inputs.sum(-1) <= 1).all())
    if inputs.shape[-1] == 1:
        return [format_numbers(row) for row in inputs[..., 0]]
    if one_hot:
        return [join_truncated([str(int(step.argmax())) if step.any() else "." for step in row]) for row in inputs]
    return [join_truncated([f"({' '.join(f'{value:.3f}' for value in step)})" for step in row]) for row in inputs]


def target_lines(task: Task, batch: Batch) -> list[str]:
    """One line per sequence: class names, or numbers."""
    if task.loss == "cross_entropy":
        rows = batch.targets.unsqueeze(1) if task.kind == "seq2vec" else batch.targets
        counts = [1] * len(rows) if task.kind == "seq2vec" else batch.lengths.tolist()
        return [
            join_truncated([task.output_names[i] for i in row[:count].tolist()])
            for row, count in zip(rows, counts, strict=True)
        ]
    return [format_numbers(row) for row in batch.targets] if task.kind == "seq2vec" else inputs_lines(batch.targets)


def format_numbers(row: Tensor) -> str:
    """Numbers in columns."""
    return join_truncated([f"{value:d}" if isinstance(value, int) else f"{value:7.4f}" for value in row.tolist()])


def join_truncated(words: list[str]) -> str:
    """Words in a line, with dots for those beyond `STEPS`."""
    return " ".join(words[:STEPS]) + (" …" if len(words) > STEPS else "")
