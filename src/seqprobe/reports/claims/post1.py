"""The claims of post 1: the inverse of a wavy function, with an RNN, an LSTM and perceptrons."""

from __future__ import annotations

import numpy as np

from seqprobe.reports.claims.claim import Claim
from seqprobe.reports.claims.evidence import Evidence, final, sooner, times
from seqprobe.reports.claims.post0 import CURVES, probe_figure

RNN, RNN_TUNED, RNN_44 = "post1/rnn · rnn", "controls/rnn_tuned · rnn", "controls/rnn_h44 · rnn"
GRAVES, GRAVES_9 = "post1/lstm_graves · lstm_graves", "controls/lstm_graves_h9 · lstm_graves"
VARIABLE = "post1/lstm_variable · lstm_graves"
LSTM, GRU = "controls/inverse_lstm · lstm", "controls/inverse_gru · gru"
MLP1, MLP2, BLOWUP = "post1/mlp1 · mlp", "post1/mlp2 · mlp", "post1/mlp1_blowup · mlp"
FURTHER = "controls/mlp1_further · mlp"
GRID, LENGTHS = probe_figure("grid"), probe_figure("length")
OF_LENGTH = "probe/length/{}/mse"
LEVEL = 0.1
"""The test MSE to which examples are counted: well below where models part, well above the floor."""


def speed(slow: str, fast: str) -> Evidence:
    """How many times as many examples ``slow`` needs to an MSE of 0.1 as ``fast``."""
    return sooner(slow, fast, "val/loss", LEVEL, ("", "convergence.png"))


def parameters(name: str) -> Evidence:
    """How many numbers are trained."""
    return Evidence(lambda runs: np.array([int(runs[name].params["parameters"])]), (name,), (name, GRID))


POST1 = (
    Claim(
        1,
        "The RNN with h = 26 has 755 parameters.",
        "trained parameters",
        parameters(RNN),
        low=755,
        high=755,
    ),
    Claim(
        1,
        "The LSTM with h = 16 has 2049.",
        "trained parameters",
        parameters(GRAVES),
        low=2049,
        high=2049,
    ),
    Claim(
        1,
        "The perceptrons have 761: one hidden layer.",
        "trained parameters",
        parameters(MLP1),
        low=761,
        high=761,
    ),
    Claim(
        1,
        "The perceptrons have 761: two hidden layers.",
        "trained parameters",
        parameters(MLP2),
        low=761,
        high=761,
    ),
    Claim(
        1,
        "The LSTM's performance looks very good.",
        "test RMSE, over that of the best possible predictor",
        times((GRAVES, "val/rmse"), (GRAVES, "reference/floor"), (GRAVES, GRID)),
        high=2,
    ),
    Claim(
        1,
        "The RNN learns the function, too.",
        "test MSE",
        final(RNN, "val/loss", GRID),
        high=0.15,
    ),
    Claim(
        1,
        "The LSTM converges faster than the RNN.",
        "examples to test MSE 0.1, RNN over LSTM, the post's settings",
        speed(RNN, GRAVES),
        low=1.2,
    ),
    Claim(
        1,
        "The LSTM converges nearly 2x as fast as the RNN.",
        "examples to test MSE 0.1, RNN over LSTM, the post's settings",
        speed(RNN, GRAVES),
        low=1.5,
        high=2.5,
    ),
    Claim(
        1,
        "Nearly 2x as fast: against an RNN with a learning rate that suits it (control).",
        "examples to test MSE 0.1, RNN at 0.1 over LSTM",
        speed(RNN_TUNED, GRAVES),
        low=1.5,
        high=2.5,
    ),
    Claim(
        1,
        "Despite all the additional parameters: an LSTM with fewer than the RNN is as fast (control).",
        "examples to test MSE 0.1, RNN at 0.1 over LSTM with 9 units",
        speed(RNN_TUNED, GRAVES_9),
        low=1.2,
    ),
    Claim(
        1,
        "It is not the number of parameters: an RNN with as many stays behind (control).",
        "examples to test MSE 0.1, RNN with 44 units at 0.05 over LSTM",
        speed(RNN_44, GRAVES),
        low=1.2,
    ),
    Claim(
        1,
        "Graves's peepholes matter: the common LSTM needs more examples (control).",
        "examples to test MSE 0.1, common LSTM over Graves's",
        speed(LSTM, GRAVES),
        low=1.1,
    ),
    Claim(
        1,
        "Gated recurrent units do as well as the LSTM (control).",
        "examples to test MSE 0.1, GRU over Graves's LSTM",
        speed(GRU, GRAVES),
        high=1.25,
    ),
    Claim(
        1,
        "With sequences of different lengths we get similar results: three inputs.",
        "MSE of sequences of 3, over that of the network that knows no others",
        times((VARIABLE, OF_LENGTH.format(3)), (GRAVES, OF_LENGTH.format(3)), (VARIABLE, GRID)),
        high=1.5,
    ),
    Claim(
        1,
        "With sequences of different lengths: four inputs are told well.",
        "MSE of sequences of 4",
        final(VARIABLE, OF_LENGTH.format(4), GRID),
        high=0.1,
    ),
    Claim(
        1,
        "With sequences of different lengths: two inputs are told well.",
        "MSE of sequences of 2; the best possible is about 1.4",
        final(VARIABLE, OF_LENGTH.format(2), LENGTHS),
        high=0.5,
    ),
    Claim(
        1,
        "RNNs can model sequences of arbitrary length: twice as long as in training.",
        "MSE of sequences of 8, over that of 4",
        times((VARIABLE, OF_LENGTH.format(8)), (VARIABLE, OF_LENGTH.format(4)), (VARIABLE, LENGTHS)),
        high=2,
    ),
    Claim(
        1,
        "The perceptron with one hidden layer learns the function as the LSTM does.",
        "test MSE",
        final(MLP1, "val/loss", GRID),
        high=0.15,
    ),
    Claim(
        1,
        "The perceptron with two hidden layers does better than with one.",
        "test MSE, one hidden layer over two",
        times((MLP1, "val/loss"), (MLP2, "val/loss"), (MLP2, GRID)),
        low=1.2,
    ),
    Claim(
        1,
        "At a learning rate of 0.06 the first perceptron blows up: it diverges.",
        "1 if loss, gradient or weights stopped being finite",
        Evidence(lambda runs: np.isnan(runs[BLOWUP].finals["val/loss"]), (BLOWUP,), (BLOWUP, CURVES)),
        low=1,
    ),
    Claim(
        1,
        "At a learning rate of 0.06 the first perceptron blows up: it is far worse than at 0.05.",
        "test MSE at 0.06 over that at 0.05",
        times((BLOWUP, "val/loss"), (MLP1, "val/loss"), (BLOWUP, GRID)),
        low=2,
    ),
    Claim(
        1,
        "Somewhat further on it does blow up (control).",
        "1 if loss, gradient or weights stopped being finite at learning rate 0.2",
        Evidence(lambda runs: np.isnan(runs[FURTHER].finals["val/loss"]), (FURTHER,), (FURTHER, CURVES)),
        low=1,
    ),
)
