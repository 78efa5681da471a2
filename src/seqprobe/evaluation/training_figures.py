"""The pictures of a training itself, with their numbers: learning curves, the fit, and how the fit came about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.evaluation.fit_figures import draw_fit
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.member_arrays import metric_arrays
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.result import TrainResult
from seqprobe.scoring import TRAIN_LOSS, VAL_LOSS, level_label
from seqprobe.seeds import generator
from seqprobe.tasks.curve_tasks import CurveTask

EXAMPLES = 50
"""Most training sequences that are drawn."""


def draw_outcome(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """Record ``training_curves``, ``examples``, ``fit`` and the animation ``fit``, each figure with its table."""
    draw_training(experiment, result, recorder)
    draw_examples(experiment, recorder)
    draw_fit(experiment, result, recorder)


def draw_training(experiment: Experiment, result: TrainResult, recorder: Recorder) -> None:
    """Training and validation loss of every member."""
    as_losses = {level_label(role): float(np.median(levels.loss)) for role, levels in result.references.items()}
    steps, train = metric_arrays(result.history.get(TRAIN_LOSS, {}), len(experiment.seeds))
    val_steps, val = metric_arrays(result.history[VAL_LOSS], len(experiment.seeds))
    label = {"mse": "mean squared error", "cross_entropy": "cross-entropy in nats"}[experiment.task.loss]
    title = f"{experiment.title}: learning curves"
    recorder.record_figure(
        "training_curves", figures.training_curves(steps, train, val_steps, val, label, as_losses, title)
    )
    tables = [
        long_table(experiment.seeds, at, {"split": split, "loss": losses})
        for split, at, losses in (("train", steps, train), ("validation", val_steps, val))
    ]
    recorder.record_table("training_curves", pd.concat(tables, ignore_index=True))


def draw_examples(experiment: Experiment, recorder: Recorder) -> None:
    """The first seed's first training sequences, where they are curves."""
    task = experiment.task
    if not isinstance(task, CurveTask):
        return
    data = task.sample(task.train_size, generator(experiment.seeds[0], "train_data")).head(EXAMPLES)
    (x, label), has_parameters = task.time_axis(), task.kind == "seq2vec"
    inputs = data.inputs[..., -1].masked_fill(~data.mask, torch.nan).numpy()
    targets = data.targets.numpy() if has_parameters else None
    title = f"{experiment.title}: training examples"
    recorder.record_figure("examples", figures.examples(x.numpy(), label, inputs, targets, task.output_names, title))
    columns = {
        f"target {name}": np.repeat(data.targets[:, k].numpy(), len(x)) for k, name in enumerate(task.output_names)
    }
    table = {
        "sequence": np.repeat(np.arange(len(inputs)), len(x)),
        "x": np.tile(x.numpy(), len(inputs)),
        "y": inputs.ravel(),
    }
    rows = pd.DataFrame(table | (columns if has_parameters else {}))
    recorder.record_table("examples", rows[data.mask.numpy().ravel()].reset_index(drop=True))


def long_table(seeds: Sequence[int], steps: np.ndarray, columns: dict[str, object]) -> pd.DataFrame:
    """One row per member and step; ``columns`` are constants or ``(seeds, steps)`` arrays."""
    flat = {name: value.ravel() if isinstance(value, np.ndarray) else value for name, value in columns.items()}
    return pd.DataFrame({"seed": np.repeat(seeds, len(steps)), "update": np.tile(steps, len(seeds)), **flat})
