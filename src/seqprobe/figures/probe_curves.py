"""Predictions on curves that were not in training.

A reader should see where prediction leaves truth, and whether that is outside the training range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.agreement import Range, fixed_parameter, varied_parameter
from seqprobe.figures.curve_facets import draw_facets
from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import member_lines
from seqprobe.figures.member_statistics import Array, drawable, finite_members, lines_note, median, reading
from seqprobe.figures.panels import grid_shape
from seqprobe.figures.style import dress, figure, frame, heading, level_lines, note, palette, span


def curve_probe(
    x: Array,
    x_label: str,
    truth: Array,
    predictions: Array,
    labels: Sequence[str],
    positions: Array,
    position_label: str,
    trained_range: Range | None,
    trained_band: tuple[Array, Array] | None,
    errors: Array,
    references: Mapping[str, Array],
    title: str,
) -> Figure:
    """Draw each probed curve with its prediction, on common axes, and beside them the error against the varied value.

    Args:
        x: ``(T,)`` positions along a curve.
        x_label: what x is, with its unit.
        truth: ``(V, T)`` the curve for each probed value.
        predictions: ``(S, V, T)``.
        labels: V names of the probed values.
        positions: ``(V,)`` the probed values.
        position_label: what is varied, with its unit.
        trained_range: the least and greatest value trained on, equal if there was only one.
        trained_band: the least and greatest training curve ``(T,)``, equal if there was only one.
        errors: ``(S, V)`` root mean squared errors.
        references: named levels ``(V,)`` of that error.
        title: what was trained on what, and what is varied.
    """
    order = np.argsort(positions)
    rows, across = grid_shape(len(truth))
    drawing = figure(4.0 + 2.5 * across, max(4.2, 1.1 + 2.1 * rows))
    grid = drawing.add_gridspec(rows, across + 1, width_ratios=[*[1.0] * across, 1.5])
    members, ordered = finite_members(predictions), palette(len(truth))
    colors = [ordered[rank] for rank in np.argsort(order)]
    names = [labels[k] for k in order]
    draw_facets(drawing, grid, x, truth[order], members[:, order], names, ordered, trained_band, x_label)
    measured = drawing.add_subplot(grid[:, across])
    _error_panel(measured, positions, finite_members(errors), trained_range, references, colors)
    measured.set(xlabel=position_label, ylabel="root mean squared error")
    heading(drawing, title)
    count = len(predictions), len(members)
    trained = "" if trained_band is None else " · grey: training curves"
    note(drawing, f"left — {reading(*count)}{trained}\nright — {lines_note(*count)}")
    return drawing


def parameter_probe(
    x: Array,
    x_label: str,
    truth: Array,
    rebuilt: Array,
    labels: Sequence[str],
    parameter_names: Sequence[str],
    true_parameters: Array,
    predicted: Array,
    trained_ranges: Sequence[Range | None],
    trained: Array,
    title: str,
) -> Figure:
    """Draw each probed curve with the one that predicted parameters stand for, and beside them the parameters.

    Args:
        x: ``(T,)`` positions along a curve.
        x_label: what x is, with its unit.
        truth: ``(V, T)`` the curve for each probed value.
        rebuilt: ``(S, V, T)`` the curves that the predicted parameters stand for.
        labels: V names of the probed values.
        parameter_names: K names with units.
        true_parameters: ``(V, K)``.
        predicted: ``(S, V, K)``.
        trained_ranges: for each parameter the least and greatest value trained on, equal if there was only one.
        trained: ``(V,)`` booleans, whether training covered the curve.
        title: what was trained on what, and what is varied.
    """
    count, (rows, across) = len(parameter_names), grid_shape(len(truth))
    drawing = figure(4.0 + 2.5 * across, max(1.1 + 2.1 * rows, 1.2 + 2.3 * count))
    grid = drawing.add_gridspec(rows, across + 1, width_ratios=[*[1.0] * across, 1.5])
    members, colors = finite_members(rebuilt), palette(len(truth))
    draw_facets(drawing, grid, x, truth, members, labels, colors, None, x_label)
    values, beside = finite_members(predicted), grid[:, across].subgridspec(count, 1)
    for k, name in enumerate(parameter_names):
        axes = drawing.add_subplot(beside[k])
        dress(axes)
        if np.ptp(true_parameters[:, k]) > 0:
            varied_parameter(axes, name, true_parameters[:, k], values[..., k], trained_ranges[k], colors)
        else:
            fixed_parameter(axes, name, true_parameters[:, k], values[..., k], trained, labels, colors)
        add_legend(axes, 3.4)
    heading(drawing, title)
    legend = reading(len(rebuilt), len(members), "rebuilt from predicted parameters")
    note(drawing, f"{legend} · diamonds: median, points: each seed")
    return drawing


def _error_panel(
    axes: Axes,
    positions: Array,
    errors: Array,
    trained: Range | None,
    references: Mapping[str, Array],
    colors: Sequence[str],
) -> None:
    """Error against the varied value: a thin line per member, and the median's points in the curves' colours."""
    dress(axes)
    if trained is not None:
        span(axes.axvspan, axes.axvline, trained)
    level_lines(axes, positions, references)
    order = np.argsort(positions)
    member_lines(axes, drawable(positions)[order], errors[:, order], "0.35", color="0.2", linewidth=1.4, zorder=3)
    axes.scatter(drawable(positions), median(errors), c=colors, s=42, edgecolors="white", linewidths=0.8, zorder=4)
    frame(axes, np.concatenate([[0.0], *map(drawable, references.values())]), errors)
    axes.set_ylim(bottom=0.0)
    axes.locator_params(axis="x", nbins=6)
    if not len(errors):
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "no finite member", transform=axes.transAxes, ha="center", color="0.35")
    add_legend(axes, 3.4)
