"""How well validation data are fitted: a reader should see where, and for which seeds, prediction leaves truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from seqprobe.figures.members import Array, finite_members, median, members_note
from seqprobe.figures.style import (
    OKABE_ITO,
    TRUTH_WIDTH,
    band,
    figure,
    frame,
    heading,
    key,
    named_colors,
    note,
    panels,
    reading,
)

WIDTHS = {1: 8.5, 2: 10.0}
"""Inches by number of panels; more panels take the widest figure."""


def sequence_fit(
    x: Array, x_label: str, truth: Array, predictions: Array, output_names: Sequence[str], title: str
) -> Figure:
    """Draw a few predicted sequences on the true ones, one panel per output.

    Args:
        x: ``(T,)`` positions of the steps.
        x_label: what x is, with its unit.
        truth: ``(n, T, F)``.
        predictions: ``(S, n, T, F)``.
        output_names: F names with units.
        title: what was fitted.
    """
    rows = -(-len(output_names) // 3)
    drawing = figure(WIDTHS.get(len(output_names), 11.0), 1.0 + 3.6 * rows)
    members = finite_members(predictions)
    for feature, axes in enumerate(panels(drawing, output_names)):
        true_sequences(axes, x, truth[..., feature])
        for i, color in enumerate(named_colors(len(truth))):
            band(axes, x, members[:, i, :, feature], color)
        frame(axes, truth[..., feature], members[..., feature])
        axes.set(xlabel=x_label, ylabel=output_names[feature])
    heading(drawing, title)
    note(drawing, f"{reading(len(predictions), len(members))} · one colour per sequence")
    return drawing


def vector_fit(
    truth: Array, predictions: Array, output_names: Sequence[str], references: Mapping[str, float], title: str
) -> Figure:
    """Draw predicted against true outputs, one panel per output, one faint point per member and example.

    Args:
        truth: ``(S, n, K)``; members may have been given different examples.
        predictions: ``(S, n, K)``.
        output_names: K names with units.
        references: named root mean squared errors over all outputs, stated beside the members'.
        title: what was fitted.
    """
    rows = -(-len(output_names) // 3)
    drawing = figure(WIDTHS.get(len(output_names), 11.0), 1.1 + 3.8 * rows)
    for output, axes in enumerate(panels(drawing, output_names)):
        identity(axes, truth[..., output], output_names[output])
        scatter(axes, truth[..., output], predictions[..., output])
        frame(axes, truth[..., output], predictions[..., output])
        key(axes, 2)
    heading(drawing, title)
    finite = len(finite_members(predictions))
    errors = median(np.sqrt(np.mean((predictions - truth) ** 2, axis=(1, 2)))[:, None])
    levels = [f"{members_note(len(truth), finite)}: {errors[0]:.2g}"] if finite else [members_note(len(truth), 0)]
    levels += [f"{name}: {level:.2g}" for name, level in references.items()]
    note(drawing, "root mean squared error over all outputs — " + " · ".join(levels))
    return drawing


def true_sequences(axes: Axes, x: Array, truth: Array) -> None:
    """Solid lines, one per sequence of ``(n, T)``, in the colours of their predictions."""
    for sequence, color in zip(truth, named_colors(len(truth)), strict=True):
        axes.plot(x, sequence, color=color, linewidth=TRUTH_WIDTH, zorder=3, label="_truth")


def identity(axes: Axes, truth: Array, name: str) -> None:
    """The line on which every prediction should lie, over the range of ``truth``."""
    ends = np.array([truth.min(), truth.max()])
    axes.plot(ends, ends, color="0.15", linewidth=TRUTH_WIDTH, zorder=3, label="truth")
    axes.set(xlabel=f"{name}, true", ylabel=f"{name}, predicted")


def scatter(axes: Axes, truth: Array, predictions: Array) -> Line2D:
    """One faint point per member and example of ``(S, n)``."""
    style = {"linestyle": "", "marker": "o", "markersize": 3.2, "markeredgewidth": 0, "alpha": 0.35}
    (points,) = axes.plot(truth.ravel(), predictions.ravel(), color=OKABE_ITO[0], zorder=2, label="prediction", **style)
    return points
