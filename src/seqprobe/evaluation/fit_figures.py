"""How well the shown validation sequences are fitted, at the end and over time: a way to draw it per loss and kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.frames import MAX_FRAMES
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.scoring import level_label
from seqprobe.tasks import Task

Drawn = tuple[Any, bytes]
"""A Matplotlib figure and a GIF."""


def draw_fit(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """The first validation sequences of the first member, as every member sees them: figure, animation and table."""
    draw = FIT[experiment.task.loss, experiment.task.kind]
    truth = result.shown.targets.cpu().numpy()
    updates = list(result.frames)  # populations of earlier versions have more than an animation shows
    steps = np.array(
        [updates[index] for index in np.unique(np.linspace(0, len(updates) - 1, MAX_FRAMES).round().astype(int))]
    )
    outputs = np.stack([result.frames[step] for step in steps.tolist()])
    figure, animation = draw(experiment, result, truth, steps, outputs)
    recorder.record_figure("fit", figure)
    recorder.record_animation("fit", animation, steps.tolist())
    table = class_table if experiment.task.loss == "cross_entropy" else value_table
    lengths = result.shown.lengths.cpu().numpy()
    recorder.record_table("fit", table(experiment.seeds, truth, lengths, outputs[-1], experiment.task.output_names))


def curves(
    experiment: Experiment, result: TrainResult, truth: np.ndarray, steps: np.ndarray, outputs: np.ndarray
) -> Drawn:
    """Sequences of numbers, each as far as it goes: padding is not drawn."""
    (positions, label), names, title = experiment.task.time_axis(), axis_names(experiment.task), experiment.title
    mask, x = result.shown.mask.cpu().unsqueeze(-1).numpy(), positions[: truth.shape[1]].double().numpy()
    truth, outputs = np.where(mask, truth, np.nan), np.where(mask, outputs, np.nan)
    return (
        figures.sequence_fit(x, label, truth, outputs[-1], names, f"{title}: fit"),
        figures.sequence_animation(x, label, truth, outputs, steps, names, title),
    )


def axis_names(task: Task) -> list[str]:
    """The outputs' names with the unit, if the task states one."""
    return [f"{name} ({task.unit})" if task.unit else name for name in task.output_names]


def points(
    experiment: Experiment, result: TrainResult, truth: np.ndarray, steps: np.ndarray, outputs: np.ndarray
) -> Drawn:
    """One vector of numbers per sequence."""
    names, title = axis_names(experiment.task), experiment.title
    references = {level_label(role): float(np.median(levels.score)) for role, levels in result.references.items()}
    targets = np.broadcast_to(truth.astype(float), outputs[-1].shape)
    return (
        figures.vector_fit(targets, outputs[-1], names, references, f"{title}: fit"),
        figures.vector_animation(targets, outputs, steps, names, title),
    )


def class_sequences(
    experiment: Experiment, result: TrainResult, truth: np.ndarray, steps: np.ndarray, outputs: np.ndarray
) -> Drawn:
    """A class at every step."""
    names, title = experiment.task.output_names, experiment.title
    lengths = result.shown.lengths.cpu().numpy()
    return (
        figures.class_sequences(truth, lengths, outputs[-1], names, f"{title}: fit"),
        figures.class_sequences_animation(truth, lengths, outputs, steps, names, title),
    )


def classes(
    experiment: Experiment, result: TrainResult, truth: np.ndarray, steps: np.ndarray, outputs: np.ndarray
) -> Drawn:
    """One class per sequence."""
    names, title = experiment.task.output_names, experiment.title
    return (
        figures.confusion(truth, outputs[-1], names, f"{title}: fit"),
        figures.confusion_animation(truth, outputs, steps, names, title),
    )


FIT: dict[tuple[str, str], Callable[..., Drawn]] = {
    ("mse", "seq2seq"): curves,
    ("mse", "seq2vec"): points,
    ("cross_entropy", "seq2seq"): class_sequences,
    ("cross_entropy", "seq2vec"): classes,
}
"""Loss and kind to what draws them."""


def value_table(
    seeds: Sequence[int], truth: np.ndarray, lengths: np.ndarray, outputs: np.ndarray, names: Sequence[str]
) -> pd.DataFrame:
    """One row per member, sequence, step (0 throughout for seq2vec) and output; padding is left out."""
    shape = (*outputs.shape[:2], -1, len(names))
    predicted = outputs.reshape(shape)
    expected = np.broadcast_to(truth.reshape(shape[1:]), predicted.shape)
    seed, sequence, step, output = (axis.ravel() for axis in np.indices(predicted.shape))
    table = pd.DataFrame(
        {
            "seed": np.asarray(seeds)[seed],
            "sequence": sequence,
            "step": step,
            "output": np.asarray(names)[output],
            "truth": expected.ravel(),
            "prediction": predicted.ravel(),
        }
    )
    return table[step < lengths[sequence]].reset_index(drop=True)


def class_table(
    seeds: Sequence[int], truth: np.ndarray, lengths: np.ndarray, outputs: np.ndarray, names: Sequence[str]
) -> pd.DataFrame:
    """One row per member, sequence and step (0 throughout for seq2vec); padding is left out.

    A member that diverged predicts nothing.
    """
    logits = outputs.reshape(*outputs.shape[:2], -1, len(names))
    expected = np.broadcast_to(truth.reshape(logits.shape[1:3]), logits.shape[:3])
    predicted = np.where(np.isfinite(logits).all(-1), np.asarray(names)[logits.argmax(-1)], "")
    seed, sequence, step = (axis.ravel() for axis in np.indices(expected.shape))
    table = pd.DataFrame(
        {
            "seed": np.asarray(seeds)[seed],
            "sequence": sequence,
            "step": step,
            "truth": np.asarray(names)[expected.ravel()],
            "prediction": predicted.ravel(),
            "probability": figures.of_true_class(expected, logits).ravel(),
        }
    )
    return table[step < lengths[sequence]].reset_index(drop=True)
