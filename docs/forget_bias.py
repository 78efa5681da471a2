"""Measure the initial forget bias of every LSTM on every task: `python docs/forget_bias.py` (half an hour on 2 cores).

It writes docs/forget_bias.csv, from which `python docs/tables.py` makes the table in docs/getting_started.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from seqprobe.learned import LEARNED, SOLVED, member_outcomes
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.run.request import compose

FILE = Path(__file__).with_suffix(".csv")
COLUMNS = ("model", "task", "forget_bias", "score", "median", "solved", "learned", "seeds")
TASKS = (
    *("line_xy", "hill_xy", "hill_y", "sine", "amplitude", "slope_intercept"),
    *("inverse_fixed", "inverse_variable", "turnstile", "sentence", "remember"),
)
VARIED = ("slope_intercept", "inverse_fixed", "remember")
MODELS = {"lstm": TASKS, "lstm2": VARIED, "lstm_peephole": VARIED, "lstm_graves": VARIED}
"""The tasks on which each model is measured; the LSTM's variants, where the forget bias could matter."""
BIASES = ("0", "1", "3")
SEEDS = 6


def measured_rows() -> Iterator[tuple[object, ...]]:
    """One row for each model, task and forget bias."""
    for model, tasks in MODELS.items():
        for task in tasks:
            for bias in BIASES:
                yield model, task, bias, *measure([f"task={task}", f"model={model}", f"model.forget_bias={bias}"])


def measure(overrides: list[str]) -> tuple[object, ...]:
    """The main score's name and median, the numbers of members that solved the task and learned it, and of all."""
    experiment = compose([*overrides, f"seeds={SEEDS}", "engine=stacked"]).experiment
    result = fit(experiment, MemoryRecorder())
    score = experiment.task.main_score
    values = result.scores[score.name]
    levels = {role: level.score for role, level in result.references.items()}
    outcomes = member_outcomes(score, values, levels, result.diverged_at >= 0, experiment.task.outcome_limits)
    solved, learned = outcomes.count(SOLVED), outcomes.count(LEARNED)
    return score.name, f"{np.nanmedian(values):.4g}", solved, solved + learned, len(outcomes)


if __name__ == "__main__":
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in measured_rows():
            writer.writerow(row)
            print(*row)
