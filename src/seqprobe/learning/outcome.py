"""The pictures of a training itself, with their numbers: learning curves, the fit, and how the fit came about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import Recorder, series
from seqprobe.learning.result import TrainResult


def draw_outcome(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """Record ``training_curves``, ``fit`` and the animation ``fit``, each figure with its table."""
    draw_training(experiment, result, recorder)
    draw_fit(experiment, result, recorder)


def draw_training(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """Training and validation loss of every member."""
    as_losses = {name: float(np.median(levels)) ** 2 for name, levels in result.references.items()}
    steps, train = series(result.history["train/loss"])
    val_steps, val = series(result.history["val/loss"])
    label = {"mse": "mean squared error", "cross_entropy": "cross-entropy in nats"}[experiment.task.loss]
    title = f"{experiment.title}: learning curves"
    recorder.figure("training_curves", figures.training_curves(steps, train, val_steps, val, label, as_losses, title))
    tables = [long_table(experiment.seeds, at, {"split": split, "loss": losses})
              for split, at, losses in (("train", steps, train), ("validation", val_steps, val))]  # fmt: skip
    recorder.table("training_curves", pd.concat(tables, ignore_index=True))


def long_table(seeds: Sequence[int], steps: np.ndarray, columns: dict[str, object]) -> pd.DataFrame:
    """One row per member and step; ``columns`` are constants or ``(seeds, steps)`` arrays."""
    flat = {name: value.ravel() if isinstance(value, np.ndarray) else value for name, value in columns.items()}
    return pd.DataFrame({"seed": np.repeat(seeds, len(steps)), "update": np.tile(steps, len(seeds)), **flat})


def draw_fit(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """The first validation sequences of the first member, as every member sees them, at the end and over time."""
    task, title = experiment.task, experiment.title
    truth, names = result.shown.targets.double().cpu().numpy(), task.output_names
    steps, outputs = np.array(list(result.frames)), np.stack(list(result.frames.values()))
    if task.kind == "seq2seq":
        x, x_label = task.time_axis()[0].double().numpy(), task.time_axis()[1]
        recorder.figure("fit", figures.sequence_fit(x, x_label, truth, outputs[-1], names, f"{title}: fit"))
        recorder.animation("fit", figures.sequence_animation(x, x_label, truth, outputs, steps, names, title))
    else:
        references = {name: float(np.median(levels)) for name, levels in result.references.items()}
        each = np.broadcast_to(truth, outputs[-1].shape)
        recorder.figure("fit", figures.vector_fit(each, outputs[-1], names, references, f"{title}: fit"))
        recorder.animation("fit", figures.vector_animation(each, outputs, steps, names, title))
    recorder.table("fit", fit_table(experiment.seeds, truth, outputs[-1], names))


def fit_table(seeds: Sequence[int], truth: np.ndarray, outputs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """One row per member, sequence, step (0 throughout for seq2vec) and output."""
    shape = (*outputs.shape[:2], -1, len(names))
    predicted = outputs.reshape(shape)
    wanted = np.broadcast_to(truth.reshape(shape[1:]), predicted.shape)
    seed, sequence, step, output = (axis.ravel() for axis in np.indices(predicted.shape))
    return pd.DataFrame({
        "seed": np.asarray(seeds)[seed], "sequence": sequence, "step": step, "output": np.asarray(names)[output],
        "truth": wanted.ravel(), "prediction": predicted.ravel(),
    })  # fmt: skip
