"""Contact sheets: every model's predictions on the same probe, side by side on one scale.

A reader should see which models fail in the same way, and which differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.agreement import fixed_parameter, varied_parameter
from seqprobe.figures.curve_predictions import compared_curves
from seqprobe.figures.member_statistics import Array, drawable_numbers, finite_members
from seqprobe.figures.panels import COMPARED_ACROSS, grid_shape, heading_with_legend, shared_panels
from seqprobe.figures.style import dress, figure, frame, heading, note, palette


def curve_sheet(
    x: Array, truth: Array, predictions: Mapping[str, Array], labels: Sequence[str], x_label: str, title: str
) -> Figure:
    """Draw probed curves ``(V, T)`` with each model's predictions ``(seeds, V, T)``, a panel per model."""
    rows, across = grid_shape(len(predictions), COMPARED_ACROSS)
    drawing = figure(max(6.4, 0.6 + 3.2 * across), 1.5 + 3.0 * rows)
    grid, used = shared_panels(drawing, len(predictions), sharex=True)
    together = np.concatenate([finite_members(values) for values in predictions.values()])
    for axes, (name, values) in zip(used, predictions.items(), strict=True):
        members = finite_members(values)
        if len(members):
            compared_curves(axes, x, truth, members, palette(len(truth)), labels)
        else:
            axes.text(0.5, 0.5, "every seed diverged", transform=axes.transAxes, ha="center", color="0.35")
        finite = "" if len(members) == len(values) else f" ({len(members)} of {len(values)})"
        axes.set_title(f"{name}{finite}", fontsize=10, loc="left")
    known = drawable_numbers(truth)
    if len(together) and len(known):
        ends = np.append(known, drawable_numbers(_percentiles(together)))
        reach = float(np.ptp(known)) or 1.0
        low, high = max(ends.min(), known.min() - reach), min(ends.max(), known.max() + reach)
        grid[0, 0].set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    for axes in grid[:, 0]:
        axes.set_ylabel("output")
    heading_with_legend(drawing, grid, title)
    note(drawing, f"{x_label} →\nsolid: truth · dotted: prediction, median of the seeds · band: all finite seeds")
    return drawing


def _percentiles(members: Array) -> Array:
    """The first and the last percentile over members ``(seeds, V, T)``, where any of them is finite."""
    shown = np.isfinite(members).any(0)
    return np.asarray(np.nanpercentile(members[:, shown], [1, 99], axis=0))


def parameter_sheet(
    truth: Array, predictions: Mapping[str, Array], parameters: Sequence[str], labels: Sequence[str], title: str
) -> Figure:
    """Draw true parameters ``(V, K)`` with each model's predictions ``(seeds, V, K)``: a column per model."""
    drawing = figure(max(6.4, 0.6 + 3.0 * len(predictions)), 1.1 + 2.8 * len(parameters))
    grid = drawing.subplots(len(parameters), len(predictions), sharey="row", squeeze=False)
    colors = palette(len(truth))
    for column, (name, values) in enumerate(predictions.items()):
        members = finite_members(values)
        for row, parameter in enumerate(parameters):
            axes = grid[row, column]
            dress(axes)
            if not len(members):
                axes.text(0.5, 0.5, "every seed diverged", transform=axes.transAxes, ha="center", color="0.35")
            elif np.ptp(truth[:, row]) > 0:
                varied_parameter(axes, parameter, truth[:, row], members[..., row], None, colors)
            else:
                unknown = np.zeros(len(truth), dtype=bool)
                fixed_parameter(axes, parameter, truth[:, row], members[..., row], unknown, labels, colors)
            if column:
                axes.set_ylabel("")
            if row == 0:
                axes.set_title(name, fontsize=10, loc="left")
    for row in range(len(parameters)):
        finite = [finite_members(values)[..., row] for values in predictions.values()]
        if sum(map(len, finite)):
            frame(grid[row, 0], truth[:, row], np.concatenate(finite))
    heading(drawing, title)
    note(drawing, "line: truth · diamonds: median of the seeds · points: each seed · light to dark: probed values")
    return drawing
