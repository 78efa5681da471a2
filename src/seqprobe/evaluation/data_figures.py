"""The pictures of a task's data, which are the same for all models: training sequences, and what inputs determine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import Recorder
from seqprobe.seeds import generator
from seqprobe.tasks.curve_tasks import CurveTask
from seqprobe.tasks.inverse import Inverse, observations, wavy
from seqprobe.tasks.splits import draw_split
from seqprobe.tasks.tables.table_task import TableTask

EXAMPLES = 50
"""Most training sequences that are drawn."""
SEQUENCES, PANELS = 8, 6
"""Most of a table's sequences that are drawn, and of its columns."""
GRID = 200
"""Points over the targets of an inverse task."""
CHOSEN = 6.6
"""The z whose inputs post 1 shows."""
MOST_INPUTS, QUESTIONS, REPEATS = 4, 3_000, 5
"""The least possible error is computed for 1 … inputs, each over so many sequences, so often (they take memory)."""


def draw_data(experiment: Experiment, recorder: Recorder) -> None:
    """Record ``examples`` of curves, a table's ``sequences``, or ``data``: what an inverse task's inputs determine."""
    if isinstance(experiment.task, CurveTask):
        draw_examples(experiment, experiment.task, recorder)
    if isinstance(experiment.task, Inverse):
        draw_information(experiment, experiment.task, recorder)
    if isinstance(experiment.task, TableTask):
        draw_sequences(experiment, experiment.task, recorder)


def draw_examples(experiment: Experiment, task: CurveTask, recorder: Recorder) -> None:
    """The first seed's first training sequences."""
    data = draw_split(task, "train", task.train_count, experiment.seeds[0]).head(EXAMPLES)
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


def draw_sequences(experiment: Experiment, task: TableTask, recorder: Recorder) -> None:
    """Some of the first seed's training sequences: features, and targets that are of every step."""
    train = task.for_seed(experiment.seeds[0]).sequences["train"]
    chosen = train[np.unique(np.linspace(0, len(train) - 1, SEQUENCES).astype(int))]  # files are often sorted by group
    data, (x, label) = task.pose(chosen, task.max_length), task.time_axis()
    columns = {f"{name} (input)": data.inputs[..., k] for k, name in enumerate(task.layout.features)}
    if task.kind == "seq2seq":
        unit, targets = f", {task.unit}" if task.unit else "", data.targets.reshape(*data.mask.shape, -1)
        columns |= {f"{name} (target{unit})": targets[..., k].double() for k, name in enumerate(task.layout.targets)}
    values = {name: column.masked_fill(~data.mask, torch.nan).numpy() for name, column in columns.items()}
    drawn = dict([*values.items()][-PANELS:])
    title = f"{experiment.title}: training sequences"
    recorder.record_figure("sequences", figures.recorded_sequences(x.numpy(), label, drawn, title))
    index = pd.MultiIndex.from_product([[task.table.names[i] for i in chosen], x.tolist()], names=["sequence", "step"])
    wide = pd.DataFrame({name: column.ravel() for name, column in values.items()}, index=index)[
        data.mask.numpy().ravel()
    ]
    recorder.record_table("sequences", wide.melt(var_name="column", ignore_index=False).reset_index())


def draw_information(experiment: Experiment, task: Inverse, recorder: Recorder) -> None:
    """The function, one question, distances between questions, and the least possible errors."""
    count = task.max_length
    z, chosen = torch.linspace(task.low, task.high, GRID), torch.tensor([CHOSEN])
    wide = torch.linspace(task.low - count + 1, task.high, 4 * GRID)
    distances = [torch.cdist(inputs, inputs).numpy() for inputs in (observations(z, 1), observations(z, count))]
    seen = observations(chosen, count)[0] + task.noise * torch.randn(count, generator=generator(0, "probes"))
    floors, title = least_errors(task), f"{task.name}: how well the inputs determine z, for any network"
    known = z.numpy(), wide.numpy(), wavy(wide).numpy()
    recorder.record_figure("data", figures.information(*known, CHOSEN, seen.numpy(), distances, floors, title))
    recorder.record_table("data", pd.DataFrame({"inputs": np.arange(1, MOST_INPUTS + 1), "least_rmse": floors}))


def least_errors(task: Inverse) -> np.ndarray:
    """The least possible root mean squared errors of z from 1, 2 … inputs, ``(MOST_INPUTS,)``."""
    source, squares = generator(0, "probes"), np.empty((REPEATS, MOST_INPUTS))
    for repeat, index in np.ndindex(squares.shape):
        z = task.low + (task.high - task.low) * torch.rand(QUESTIONS, generator=source, dtype=torch.float64)
        batch = task.pose(z, torch.full((QUESTIONS,), index + 1), task.noise, source)
        squares[repeat, index] = float((task.posterior_mean(batch) - z).square().mean())
    return np.asarray(np.sqrt(squares.mean(0)))
