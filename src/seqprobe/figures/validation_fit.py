"""How well validation data are fitted: a reader should see where, and for which seeds, prediction leaves truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.agreement import identity, scatter
from seqprobe.figures.curve_predictions import compared_curves
from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_statistics import Array, drawable, finite_members, median, median_note, reading
from seqprobe.figures.panels import panel_size, panels
from seqprobe.figures.style import figure, frame, heading, named_colors, note


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
    drawing = figure(*panel_size(len(output_names)))
    members = finite_members(predictions)
    colors, unnamed = named_colors(len(truth)), ["_truth"] * len(truth)
    for feature, axes in enumerate(panels(drawing, len(output_names))):
        compared_curves(axes, x, truth[..., feature], members[..., feature], colors, unnamed)
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
    width, height = panel_size(len(output_names))
    drawing = figure(width, height)
    shown = drawable(predictions)
    for output, axes in enumerate(panels(drawing, len(output_names))):
        identity(axes, truth[..., output], output_names[output])
        scatter(axes, truth[..., output], shown[..., output])
        frame(axes, truth[..., output], shown[..., output])
        add_legend(axes, 0.8 * width / min(len(output_names), 3))
    heading(drawing, title)
    errors = _errors(truth, shown, references)
    note(drawing, f"points: each seed and example\nroot mean squared error over all outputs: {errors}")
    return drawing


def _errors(truth: Array, predictions: Array, references: Mapping[str, float]) -> str:
    """The members' median error beside the references', in words."""
    finite = len(finite_members(predictions))
    errors = np.sqrt(np.mean((predictions - truth) ** 2, axis=(1, 2)))
    counted = median_note(len(truth), finite)
    levels = [f"{median(errors):.2g} ({counted})" if finite else counted]
    return ", ".join(levels + [f"{level:.2g} ({name})" for name, level in references.items()])
