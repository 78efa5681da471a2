"""The picture that opens README: one sine learned, others probed, models compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.curve_predictions import compared_curves
from seqprobe.figures.legend import add_legend
from seqprobe.figures.series_styles import series_styles
from seqprobe.figures.small_multiples import draw_band
from seqprobe.figures.style import dress, figure, named_colors, palette, span

SHOWN = ("0.2", "0.4", "0.8")
"""Amplitudes of the curves that are shown."""


def overview_figure(tables: Mapping[str, Mapping[str, pd.DataFrame]]) -> Figure:
    """Draw it from each model's tables; curves are those of the first model, an LSTM."""
    first = next(iter(tables))
    drawing = figure(9.0, 3.6)
    learned, probed, compared = drawing.subplots(1, 3, width_ratios=(1.0, 1.25, 1.25))
    for axes, title in ((learned, "learn one sine"), (probed, "probe with others"), (compared, "compare models")):
        dress(axes)
        axes.set_title(title, loc="left", fontsize=12, fontweight="bold", pad=34)
    x, truth, members = curve_arrays(tables[first]["fit"].assign(value="0.3", x=lambda table: table["step"] / 99))
    compared_curves(learned, x, truth, members, named_colors(1), ["truth"])
    learned.lines[-1].set_label("LSTM")
    learned.set(xlabel="x", ylabel="y")
    table = tables[first]["probe_amplitude"]
    x, truth, members = curve_arrays(table[table["value"].isin(SHOWN)])
    compared_curves(probed, x, truth, members, palette(len(SHOWN)), [f"a = {value}" for value in SHOWN])
    probed.set(xlabel="x", ylabel="y")
    error_panel(compared, {model: parts["scores_amplitude"] for model, parts in tables.items()})
    for axes, width in ((learned, 2.4), (probed, 2.6), (compared, 2.6)):
        add_legend(axes, width)
    return drawing


def curve_arrays(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions, true curves ``(V, T)`` and predictions ``(seeds, V, T)`` of a table in that order."""
    x, shape = table["x"].unique(), (table["seed"].nunique(), table["value"].nunique(), -1)
    truth, predictions = (table[name].to_numpy(dtype=float).reshape(shape) for name in ("truth", "prediction"))
    return x, truth[0], predictions


def error_panel(axes: Axes, scores: Mapping[str, pd.DataFrame]) -> None:
    """Each model's error against the amplitude of the sine that it was probed with."""
    span(axes.axvspan, axes.axvline, (0.3, 0.3))
    for model, style in series_styles(list(scores)).items():
        table = scores[model][scores[model]["metric"] == "rmse"]
        errors = table["score"].to_numpy().reshape(table["seed"].nunique(), -1)
        draw_band(axes, table["value"].unique().astype(float), errors, style, model.upper())
    axes.set(xlabel="amplitude", ylabel="root mean squared error", ylim=(0, None))
