"""The claims of post 1: the inverse of a wavy function, with an RNN, an LSTM and perceptrons."""

from __future__ import annotations

import numpy as np

from seqprobe.reports.claims.claim import Claim, Runs, examples_to, ratio
from seqprobe.reports.claims.post0 import CURVES, probe_figure

RNN, RNN_TUNED, RNN_44 = "post1/rnn · rnn", "controls/rnn_tuned · rnn", "controls/rnn_h44 · rnn"
GRAVES, GRAVES_9 = "post1/lstm_graves · lstm_graves", "controls/lstm_graves_h9 · lstm_graves"
VARIABLE = "post1/lstm_variable · lstm_graves"
LSTM, GRU = "controls/inverse_lstm · lstm", "controls/inverse_gru · gru"
MLP1, MLP2, BLOWUP = "post1/mlp1 · mlp", "post1/mlp2 · mlp", "post1/mlp1_blowup · mlp"
GRID = probe_figure("grid")
CONVERGENCE = ("", "convergence.png")
LEVEL = 0.1
"""The test MSE to which examples are counted: well below where models part, well above the floor."""


def speed(slow: str, fast: str) -> dict[str, object]:
    """How many times as many examples ``slow`` needs to an MSE of 0.1 as ``fast``; what a claim needs to say so."""

    def measure(runs: Runs) -> np.ndarray:
        return ratio(*(examples_to(runs[name], "val/loss", LEVEL) for name in (slow, fast)))

    return {"measure": measure, "runs": (slow, fast), "figure": CONVERGENCE}


def parameters(name: str, count: int) -> dict[str, object]:
    """That a network has exactly ``count`` parameters; what a claim needs to say so."""
    return {"measure": lambda runs: np.array([int(runs[name].params["parameters"])]), "runs": (name,),
            "figure": (name, GRID), "low": count, "high": count}  # fmt: skip


POST1 = (
    Claim(1, "The RNN with h = 26 has 755 parameters.", "trained parameters", **parameters(RNN, 755)),
    Claim(1, "The LSTM with h = 16 has 2049.", "trained parameters", **parameters(GRAVES, 2049)),
    Claim(1, "The perceptrons have 761: one hidden layer.", "trained parameters", **parameters(MLP1, 761)),
    Claim(1, "The perceptrons have 761: two hidden layers.", "trained parameters", **parameters(MLP2, 761)),
    Claim(
        1, "The LSTM's performance looks very good.",
        "test MSE, over that of the best possible predictor",
        lambda runs: ratio(runs[GRAVES].finals["val/loss"], runs[GRAVES].finals["reference/Bayes floor"] ** 2),
        (GRAVES,), (GRAVES, GRID), high=3,
    ),
    Claim(
        1, "The RNN learns the function, too.",
        "test MSE", lambda runs: runs[RNN].finals["val/loss"], (RNN,), (RNN, GRID), high=0.15,
    ),
    Claim(
        1, "The LSTM converges faster than the RNN.",
        "examples to test MSE 0.1, RNN over LSTM, the post's settings", **speed(RNN, GRAVES), low=1.2,
    ),
    Claim(
        1, "The LSTM converges nearly 2x as fast as the RNN.",
        "examples to test MSE 0.1, RNN over LSTM, the post's settings", **speed(RNN, GRAVES), low=1.5, high=2.5,
    ),
    Claim(
        1, "Nearly 2x as fast: against an RNN with a learning rate that suits it (control).",
        "examples to test MSE 0.1, RNN at 0.1 over LSTM", **speed(RNN_TUNED, GRAVES), low=1.5, high=2.5,
    ),
    Claim(
        1, "Despite all the additional parameters: an LSTM with fewer than the RNN is as fast (control).",
        "examples to test MSE 0.1, RNN at 0.1 over LSTM with 9 units", **speed(RNN_TUNED, GRAVES_9), low=1.2,
    ),
    Claim(
        1, "It is not the number of parameters: an RNN with as many stays behind (control).",
        "examples to test MSE 0.1, RNN with 44 units at 0.1 over LSTM", **speed(RNN_44, GRAVES), low=1.2,
    ),
    Claim(
        1, "Graves's peepholes matter: the common LSTM needs more examples (control).",
        "examples to test MSE 0.1, common LSTM over Graves's", **speed(LSTM, GRAVES), low=1.1,
    ),
    Claim(
        1, "Gated recurrent units do as well as the LSTM (control).",
        "examples to test MSE 0.1, GRU over Graves's LSTM", **speed(GRU, GRAVES), high=1.25,
    ),
    Claim(
        1, "With sequences of different lengths we get similar results: three inputs.",
        "MSE of sequences of 3, over that of the network that knows no others",
        lambda runs: ratio(runs[VARIABLE].finals["probe/length/3/mse"], runs[GRAVES].finals["probe/length/3/mse"]),
        (VARIABLE, GRAVES), (VARIABLE, GRID), high=1.5,
    ),
    Claim(
        1, "With sequences of different lengths: four inputs are told well.",
        "MSE of sequences of 4", lambda runs: runs[VARIABLE].finals["probe/length/4/mse"],
        (VARIABLE,), (VARIABLE, GRID), high=0.1,
    ),
    Claim(
        1, "With sequences of different lengths: two inputs are told well.",
        "MSE of sequences of 2; the best possible is about 1.4",
        lambda runs: runs[VARIABLE].finals["probe/length/2/mse"],
        (VARIABLE,), (VARIABLE, probe_figure("length")), high=0.5,
    ),
    Claim(
        1, "RNNs can model sequences of arbitrary length: twice as long as in training.",
        "MSE of sequences of 8, over that of 4",
        lambda runs: ratio(runs[VARIABLE].finals["probe/length/8/mse"], runs[VARIABLE].finals["probe/length/4/mse"]),
        (VARIABLE,), (VARIABLE, probe_figure("length")), high=2,
    ),
    Claim(
        1, "The perceptron with one hidden layer learns the function as the LSTM does.",
        "test MSE", lambda runs: runs[MLP1].finals["val/loss"], (MLP1,), (MLP1, GRID), high=0.15,
    ),
    Claim(
        1, "The perceptron with two hidden layers does better than with one.",
        "test MSE, one hidden layer over two",
        lambda runs: ratio(runs[MLP1].finals["val/loss"], runs[MLP2].finals["val/loss"]),
        (MLP1, MLP2), (MLP2, GRID), low=1.2,
    ),
    Claim(
        1, "At a learning rate of 0.06 the first perceptron blows up.",
        "1 if the member diverged",
        lambda runs: np.isnan(runs[BLOWUP].finals["val/loss"]), (BLOWUP,), (BLOWUP, CURVES), low=1,
    ),
)  # fmt: skip
