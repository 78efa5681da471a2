"""The pictures of a training itself, with their numbers: learning curves, the fit, and how the fit came about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.evaluation.data_figures import draw_data
from seqprobe.evaluation.fit_figures import draw_fit
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.member_arrays import metric_arrays
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.training_loss import loss_name
from seqprobe.scoring import TRAIN_LOSS, VAL_LOSS, level_label

LABELS = {"mse": "mean squared error", "cross_entropy": "cross-entropy in nats"}
"""Task.loss on an axis."""


def draw_outcome(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """Record ``training_curves``, the data, ``fit`` and the animation ``fit``, each figure with its table."""
    draw_training(experiment, result, recorder)
    draw_data(experiment, recorder)
    draw_fit(experiment, result, recorder)


def draw_training(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """Training and validation loss of every member."""
    levels = result.references if experiment.loss is None else {}  # those of the task's loss
    as_losses = {level_label(role): float(np.median(level.loss)) for role, level in levels.items()}
    steps, train = metric_arrays(result.history.get(TRAIN_LOSS, {}), len(experiment.seeds))
    val_steps, val = metric_arrays(result.history[VAL_LOSS], len(experiment.seeds))
    label = LABELS[experiment.task.loss] if experiment.loss is None else loss_name(experiment.loss)
    title = f"{experiment.title}: learning curves"
    recorder.record_figure(
        "training_curves", figures.training_curves(steps, train, val_steps, val, label, as_losses, title)
    )
    tables = [
        long_table(experiment.seeds, at, {"split": split, "loss": losses})
        for split, at, losses in (("train", steps, train), ("validation", val_steps, val))
    ]
    recorder.record_table("training_curves", pd.concat(tables, ignore_index=True))


def long_table(seeds: Sequence[int], steps: np.ndarray, columns: dict[str, object]) -> pd.DataFrame:
    """One row per member and step; ``columns`` are constants or ``(seeds, steps)`` arrays."""
    flat = {name: value.ravel() if isinstance(value, np.ndarray) else value for name, value in columns.items()}
    return pd.DataFrame({"seed": np.repeat(seeds, len(steps)), "update": np.tile(steps, len(seeds)), **flat})
