"""The figures that a reproduction draws itself: several populations on one scale, and what needs no training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqprobe import figures
from seqprobe.figures import Machine
from seqprobe.reports.claims.recorded_run import RecordedRun, Runs
from seqprobe.reports.curve_drawings import CURVE_DRAWINGS, SINE
from seqprobe.reports.gate_drawings import GATE_DRAWINGS, SENTENCE
from seqprobe.reports.memory_figures import (
    BIASES,
    GRADIENTS,
    LAGS,
    LONG_LAGS,
    gradient_flow,
    long_lags,
    recall,
    remember,
)
from seqprobe.reports.question_drawings import QUESTION_DRAWINGS
from seqprobe.scoring import FLOOR_LEVEL, VAL_LOSS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RNN, GRAVES = "experiment=post1/rnn", "experiment=post1/lstm_graves"
CONVERGING = {
    "the post's settings": {"RNN, 26 units (755 parameters)": RNN, "Graves's LSTM, 16 units (2049)": GRAVES},
    "controls": {
        "RNN, learning rate 0.1": "experiment=controls/rnn_tuned",
        "Graves's LSTM, learning rate 0.4": "experiment=controls/lstm_tuned",
        "RNN, 44 units (2069)": "experiment=controls/rnn_h44",
        "Graves's LSTM, 9 units (712)": "experiment=controls/lstm_graves_h9",
        "LSTM, 16 units (1169)": "experiment=controls/inverse_lstm",
        "GRU, 16 units (897)": "experiment=controls/inverse_gru",
    },
}
"""For each panel the labels of its curves, and the overrides of the trainings that they show."""
LEVELS = (0.2, 0.1, 0.07)


def convergence(runs: Runs) -> Figure | None:
    """Test error over examples for the networks of post 1; None unless each panel has a curve."""
    panels = {
        name: {label: curve(runs[run]) for label, run in curves.items() if run in runs}
        for name, curves in CONVERGING.items()
    }
    if not all(panels.values()):
        return None
    floors = [runs[run].finals[FLOOR_LEVEL] for run in (RNN, GRAVES) if run in runs]
    title = "The inverse function, three inputs: how many examples each network needs"
    return figures.convergence(panels, LEVELS, float(np.median(floors) ** 2), title)


def curve(run: RecordedRun) -> tuple[np.ndarray, np.ndarray]:
    """Examples seen, in thousands, and test errors; without the first, before any example."""
    steps, errors = run.history(VAL_LOSS)
    return steps[1:] * int(run.params["batch_size"]) / 1_000, errors[:, 1:]


GRAVES_EQUATIONS = {
    r"i_t = \sigma(W_{xi} x_t + W_{hi} h_{t-1} + W_{ci} c_{t-1} + b_i)": "(7)  input gate",
    r"f_t = \sigma(W_{xf} x_t + W_{hf} h_{t-1} + W_{cf} c_{t-1} + b_f)": "(8)  forget gate",
    r"c_t = f_t c_{t-1} + i_t \tanh(W_{xc} x_t + W_{hc} h_{t-1} + b_c)": "(9)  cell",
    r"o_t = \sigma(W_{xo} x_t + W_{ho} h_{t-1} + W_{co} c_t + b_o)": "(10)  output gate, which sees the new cell",
    r"h_t = o_t \tanh(c_t)": "(11)  hidden state",
}
"""As `seqprobe.models.cells.lstm_graves` computes them; each of the eleven maps has a bias of its own there."""
LSTM_EQUATIONS = {
    r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)": "forget phase: what is kept",
    r"i_t = \sigma(W_i x_t + U_i h_{t-1} + b_i)": "input phase: what may enter",
    r"\hat{c}_t = \tanh(W_c x_t + U_c h_{t-1} + b_c)": "input phase: what is offered",
    r"c_t = f_t c_{t-1} + i_t \hat{c}_t": "the cell state",
    r"o_t = \sigma(W_o x_t + U_o h_{t-1} + b_o)": "output phase: what is shown",
    r"h_t = o_t \tanh(c_t)": "the hidden state, from which the answer is read",
}
"""As `seqprobe.models.cells.lstm` computes them, in post 2's letters."""
ONE_COIN = Machine(
    ["locked", "unlocked"],
    [(0, 0, "push", False), (0, 1, "coin", False), (1, 1, "coin", False), (1, 0, "push", True)],
    "as in any textbook",
)
COUNTER_STATES = Machine(
    ["locked\n[0 0]", "one coin\n[1 0]", "unlocked\n[2 0]"],
    [
        (0, 0, "push / WAIT", False),
        (0, 1, "coin / WAIT", False),
        (1, 1, "push / WAIT", False),
        (1, 2, "coin / WAIT", False),
        (2, 2, "coin / WAIT", False),
        (2, 0, "push / WALK", True),
    ],
    "[coins, passages] as the post writes them; the counter itself counts pushes (see probe counting)",
)


@dataclass(frozen=True)
class Drawing:
    """A figure that a reproduction draws.

    Attributes:
        draw: the figure from populations by their overrides, or None where some are missing.
        runs: overrides of the trainings that it shows.
    """

    draw: Callable[[Runs], Figure | None]
    runs: Sequence[str] = ()


DRAWINGS: Mapping[str, Drawing] = {
    "equations": Drawing(
        lambda _: figures.equations(GRAVES_EQUATIONS, "The cell of lstm_graves: Graves (2013), eq. 7-11")
    ),
    "lstm": Drawing(
        lambda _: figures.equations(LSTM_EQUATIONS, "The cell of lstm, in the order in which it is computed")
    ),
    "one_coin": Drawing(lambda _: figures.automata([ONE_COIN], "A turnstile that opens for one coin")),
    "counter_states": Drawing(
        lambda _: figures.automata([COUNTER_STATES], "The turnstile's states as the counter's vectors")
    ),
    "convergence": Drawing(convergence, [run for panel in CONVERGING.values() for run in panel.values()]),
    "long_lags": Drawing(long_lags, [run for of_lag in LONG_LAGS.values() for run in of_lag.values()]),
    "gradient_flow": Drawing(gradient_flow, list(GRADIENTS.values())),
    **{name: Drawing(draw, [SINE]) for name, draw in CURVE_DRAWINGS.items()},
    **{name: Drawing(draw) for name, draw in QUESTION_DRAWINGS.items()},
    **{name: Drawing(draw, [SENTENCE]) for name, draw in GATE_DRAWINGS.items()},
    "remember": Drawing(recall, [remember(bias, lag) for lag in LAGS for bias in BIASES]),
}
"""Every drawing by its name."""


def drawn_figures(names: Iterable[str], runs: Runs) -> dict[str, Figure]:
    """The named drawings that the populations, given by their overrides, suffice for."""
    figures_by_name = {name: DRAWINGS[name].draw(runs) for name in dict.fromkeys(names)}
    return {name: figure for name, figure in figures_by_name.items() if figure is not None}
