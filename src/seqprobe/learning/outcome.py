"""The pictures of a training itself, with their numbers: learning curves, the fit, and how the fit came about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.learning.callbacks import Frames, Recording
from seqprobe.learning.module import PopulationModule
from seqprobe.learning.recorder import Recorder


def draw_outcome(
    title: str, module: PopulationModule, recorder: Recorder, recording: Recording, frames: Frames
) -> None:
    """Record ``training_curves``, ``fit`` and the animation ``fit``, each figure with its table."""
    draw_training(title, module, recorder, recording)
    draw_fit(title, module, recorder, frames)


def draw_training(title: str, module: PopulationModule, recorder: Recorder, recording: Recording) -> None:
    """Training and validation loss of every member."""
    data = module.data
    as_losses = {name: float(np.median(levels)) ** 2 for name, levels in data.reference_levels().items()}
    steps, train = recording.history("train/loss")
    val_steps, val = recording.history("val/loss")
    label = {"mse": "mean squared error", "cross_entropy": "cross-entropy in nats"}[data.task.loss]
    figure = figures.training_curves(steps, train, val_steps, val, label, as_losses, f"{title}: learning curves")
    recorder.figure("training_curves", figure)
    tables = [long_table(data.seeds, at, {"split": split, "loss": losses})
              for split, at, losses in (("train", steps, train), ("validation", val_steps, val))]  # fmt: skip
    recorder.table("training_curves", pd.concat(tables, ignore_index=True))


def long_table(seeds: Sequence[int], steps: np.ndarray, columns: dict[str, object]) -> pd.DataFrame:
    """One row per member and step; ``columns`` are constants or ``(seeds, steps)`` arrays."""
    flat = {name: value.ravel() if isinstance(value, np.ndarray) else value for name, value in columns.items()}
    return pd.DataFrame({"seed": np.repeat(seeds, len(steps)), "update": np.tile(steps, len(seeds)), **flat})


def draw_fit(title: str, module: PopulationModule, recorder: Recorder, frames: Frames) -> None:
    """The first validation sequences of the first member, as every member sees them, at the end and over time."""
    task = module.data.task
    truth, outputs = frames.shown.targets.double().cpu().numpy(), np.stack(frames.outputs)
    steps, names = np.array(frames.steps), task.output_names
    if task.kind == "seq2seq":
        x, x_label = task.time_axis()[0].double().numpy(), task.time_axis()[1]
        recorder.figure("fit", figures.sequence_fit(x, x_label, truth, outputs[-1], names, f"{title}: fit"))
        recorder.animation("fit", figures.sequence_animation(x, x_label, truth, outputs, steps, names, title))
    else:
        data = module.data
        references = {name: float(np.median(levels)) for name, levels in data.reference_levels().items()}
        each = np.broadcast_to(truth, outputs[-1].shape)
        recorder.figure("fit", figures.vector_fit(each, outputs[-1], names, references, f"{title}: fit"))
        recorder.animation("fit", figures.vector_animation(each, outputs, steps, names, title))
    recorder.table("fit", fit_table(module.data.seeds, truth, outputs[-1], names))


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
