"""Figures of a reproduction about memory: which lags networks remember, and how far back their gradient reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqprobe import figures
from seqprobe.reports.claims.recorded_run import Runs
from seqprobe.scoring import CONSTANT_LEVEL, VAL_ACCURACY, MetricName

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LAGS, BIASES = (10, 15, 20, 50), (0, 1, 3)
ENOUGH = 0.95


def remember(bias: int, lag: int) -> str:
    """The overrides of the training with this forget bias and lag."""
    return f"experiment=post2/remember task.lag={lag} model.forget_bias={bias}"


LONG_LAGS = {
    "tanh RNN, 34 units": {lag: f"experiment=controls/remember_rnn task.lag={lag}" for lag in (10, 20, 50)},
    "GRU, 19 units": {lag: f"experiment=controls/remember_gru task.lag={lag}" for lag in (10, 20, 50)},
    "LSTM, 16 units, forget bias 3": {lag: remember(3, lag) for lag in (10, 20, 50)},
}
"""The overrides of each network's training by its lag; 1,476 to 1,524 parameters."""
GRADIENTS = {
    "tanh RNN": "experiment=controls/remember_rnn task.lag=50",
    "GRU": "experiment=controls/remember_gru task.lag=50",
    "LSTM, forget bias 0": remember(0, 50),
    "LSTM, forget bias 3": remember(3, 50),
}
GRADIENT_STEPS = (1, 2, 5, 10, 20, 30, 40, 50)


def recall(runs: Runs) -> Figure | None:
    """Accuracy over the lag for three forget biases; None unless all of them were trained."""
    if any(remember(bias, lag) not in runs for bias in BIASES for lag in LAGS):
        return None
    accuracies = np.array([[runs[remember(b, lag)].finals[VAL_ACCURACY] for lag in LAGS] for b in BIASES])
    chance = runs[remember(BIASES[0], LAGS[0])].finals[CONSTANT_LEVEL]
    title = "An LSTM with 16 units remembers one of four symbols over a lag"
    return figures.recall_map(LAGS, BIASES, accuracies, ENOUGH, float(np.median(chance)), title)


def long_lags(runs: Runs) -> Figure | None:
    """Accuracy over the lag for networks of about equally many parameters; None unless all of them were trained."""
    if any(run not in runs for of_lag in LONG_LAGS.values() for run in of_lag.values()):
        return None
    series = {
        name: (np.array(list(of_lag), float), np.array([runs[run].finals[VAL_ACCURACY] for run in of_lag.values()]).T)
        for name, of_lag in LONG_LAGS.items()
    }
    chance = float(np.median(runs[remember(3, LAGS[-1])].finals[CONSTANT_LEVEL]))
    panel = figures.Panel("trained on each lag for 800 updates", series, {"constant predictor": chance})
    title = "Which networks of about 1,500 parameters remember one of four symbols"
    return figures.small_multiples([panel], list(series), "lag in steps", "accuracy", title, "how long each remembers")


def gradient_flow(runs: Runs) -> Figure | None:
    """Gradient norm over steps before the end, before and after training; None unless all networks were trained."""
    if any(run not in runs for run in GRADIENTS.values()):
        return None
    steps = np.array(GRADIENT_STEPS, float)
    panels = [
        figures.Panel(
            heading,
            {
                name: (steps, np.array([runs[run].finals[gradient_metric(k, measure)] for k in GRADIENT_STEPS]).T)
                for name, run in GRADIENTS.items()
            },
        )
        for heading, measure in (("before training", "untrained"), ("after 800 updates, lag 50", "kept"))
    ]
    title = "How much of the gradient of the last loss reaches the state some steps earlier"
    return figures.small_multiples(
        panels,
        list(GRADIENTS),
        "steps before the end",
        "gradient norm, over the last step's",
        title,
        "a line that stays high lets a network learn what happened long before",
        y_scale="log",
    )


def gradient_metric(steps: int, measure: str) -> str:
    """The name of a metric of probe ``gradient``."""
    return str(MetricName("probe", measure, "gradient", str(steps)))
