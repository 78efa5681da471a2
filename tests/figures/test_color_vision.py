"""Colours that have to be told apart can be: by everyone on a screen, and on grey paper where nothing else helps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from seqprobe import figures
from seqprobe.figures.series_styles import DASHES, FAMILIES, MARKERS, family, series_styles
from seqprobe.figures.style import COLORS, palette

MACHADO = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "everyone else": np.eye(3),
}
"""Linear RGB as dichromats see it: Machado, Oliveira and Fernandes (2009), severity 1."""
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
SURE = 15.0
"""A CIELAB distance (1976) at which thin lines are told apart; one of about 2.3 is just noticed between areas."""


def linear(color: str) -> np.ndarray:
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def cielab(rgb: np.ndarray) -> np.ndarray:
    ratio = XYZ @ rgb.clip(0, 1) / (XYZ @ np.ones(3))
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def least_distance(colors: Sequence[str], matrix: np.ndarray) -> float:
    seen = [cielab(matrix @ linear(color)) for color in colors]
    return min(float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2))


def lightness(color: str) -> float:
    return float(cielab(linear(color))[0])


@pytest.mark.parametrize("vision", MACHADO)
def test_colours_of_values_and_of_models_can_be_told_apart(vision: str) -> None:
    matrix = np.array(MACHADO[vision])
    assert [n for n in range(2, 7) if least_distance(palette(n), matrix) < SURE] == []
    assert least_distance(COLORS, matrix) > SURE


@pytest.mark.parametrize("vision", MACHADO)
def test_eight_recorded_sequences_have_colours_that_can_be_told_apart(vision: str) -> None:
    drawing = figures.recorded_sequences(np.arange(3.0), "step", {"x": np.ones((8, 3))}, "title")
    colors = [str(line.get_color()) for line in drawing.axes[0].lines]
    assert len(colors) == 8
    assert least_distance(colors, np.array(MACHADO[vision])) > SURE


@pytest.mark.parametrize("n", range(2, 7))
def test_grey_paper_keeps_the_order_of_values(n: int) -> None:
    steps = -np.diff([lightness(color) for color in palette(n)])
    assert steps.min() > 12


def test_models_differ_by_more_than_colour_because_grey_paper_shows_some_alike() -> None:
    assert min(abs(lightness(a) - lightness(b)) for a, b in itertools.combinations(COLORS, 2)) < 5
    assert len(set(DASHES)) == len(set(MARKERS)) == len(COLORS) == len(FAMILIES)


def test_a_model_looks_the_same_whatever_else_a_figure_shows() -> None:
    alone, together = series_styles(["gru"]), series_styles(["my_cell", "rnn", "gru · lag=20", "lstm"])
    assert together["gru · lag=20"] == alone["gru"]
    assert len({style.color for style in together.values()}) == 4
    assert series_styles(list(FAMILIES))["lstm_graves"] == series_styles(["Graves's LSTM, 9 units"]).popitem()[1]


def test_two_series_of_one_model_look_different() -> None:
    forget = series_styles(["LSTM, forget bias 0", "LSTM, forget bias 3", "GRU"])
    assert len(set(forget.values())) == 3
    assert forget["GRU"] == series_styles(["gru"])["gru"]


def test_more_series_than_styles_repeat_styles() -> None:
    names = [f"cell {index}" for index in range(11)]
    assert len(set(series_styles(names).values())) == 8


def test_names_that_only_begin_alike_are_other_models() -> None:
    assert [family(name) for name in ("lstm", "lstm2", "lstm_mine", "rnn_wide", "tanh RNN, 34 units")] == [
        "lstm",
        "lstm2",
        None,
        None,
        "rnn",
    ]
