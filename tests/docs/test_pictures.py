"""The overview in README is drawn from what presets record."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from scripts import ROOT

AMPLITUDES = ("0.1", "0.2", "0.4", "0.8")


def curves(values: tuple[str, ...]) -> pd.DataFrame:
    """The table of two seeds that reproduce curves of three points, the second one too low by .2."""
    rows = [
        (seed, value, step, step / 99, float(value) * step, float(value) * step - 0.2 * seed)
        for seed in (0, 1)
        for value in values
        for step in (0, 49, 99)
    ]
    return pd.DataFrame(rows, columns=["seed", "value", "step", "x", "truth", "prediction"])


def test_the_overview_shows_a_fit_a_probe_and_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import overview

    rows = [(seed, value, "rmse", 0.1 * seed) for seed in (0, 1) for value in AMPLITUDES]
    scores = pd.DataFrame(rows, columns=["seed", "value", "metric", "score"])
    tables = {"fit": curves(("0.3",)).drop(columns=["x", "value"]), "probe_amplitude": curves(AMPLITUDES)}
    drawing = overview.overview_figure(
        {model: {**tables, "scores_amplitude": scores} for model in ("lstm", "gru", "rnn")}
    )
    learned, probed, compared = drawing.axes
    np.testing.assert_allclose([line.get_ydata() for line in learned.lines], [[0, 14.7, 29.7], [-0.1, 14.6, 29.6]])
    assert [line.get_label() for line in probed.lines[:3]] == ["a = 0.2", "a = 0.4", "a = 0.8"]
    labels = [line.get_label() for line in compared.lines]
    assert labels == ["trained", "LSTM", "GRU", "RNN"]
    assert compared.lines[1].get_ydata().tolist() == [0.05] * 4
    sys.modules.pop("overview")
