"""Contact sheets: what every model makes of the same probe, side by side on one scale.

A reader should see which models fail alike, and which fail in a way of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.agreement import fixed_parameter, varied_parameter
from seqprobe.figures.curve_predictions import compared_curves
from seqprobe.figures.member_statistics import Array, finite_members
from seqprobe.figures.small_multiples import ACROSS, titled
from seqprobe.figures.style import dress, figure, frame, heading, note, palette


def curve_sheet(
    x: Array, truth: Array, predictions: Mapping[str, Array], labels: Sequence[str], x_label: str, title: str
) -> Figure:
    """Draw probed curves ``(V, T)`` with each model's predictions ``(seeds, V, T)``, a panel per model."""
    across = min(len(predictions), ACROSS)
    rows = -(-len(predictions) // across)
    drawing = figure(max(6.4, 0.6 + 3.2 * across), 1.5 + 3.0 * rows)
    grid = drawing.subplots(rows, across, sharex=True, sharey=True, squeeze=False)
    together = np.concatenate([finite_members(each) for each in predictions.values()])
    for index, axes in enumerate(grid.flat):
        if index >= len(predictions):
            axes.remove()
            continue
        name, values = list(predictions.items())[index]
        members = finite_members(values)
        dress(axes)
        if len(members):
            compared_curves(axes, x, truth, members, palette(len(truth)), labels)
        else:
            axes.text(0.5, 0.5, "every seed diverged", transform=axes.transAxes, ha="center", color="0.35")
        finite = "" if len(members) == len(values) else f" ({len(members)} of {len(values)})"
        axes.set_title(f"{name}{finite}", fontsize=10, loc="left")
    if len(together):
        ends = np.concatenate([truth.ravel(), np.nanpercentile(together, [1, 99], axis=0).ravel()])
        reach = float(np.ptp(truth)) or 1.0
        low, high = max(ends.min(), truth.min() - reach), min(ends.max(), truth.max() + reach)
        grid[0, 0].set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    for axes in grid[:, 0]:
        axes.set_ylabel("output")
    titled(drawing, grid, title)
    note(drawing, f"{x_label} →\nsolid: truth · dotted: prediction, median of the seeds · band: all finite seeds")
    return drawing


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
                fixed_parameter(axes, parameter, truth[:, row], members[..., row], None, labels, colors)
            if column:
                axes.set_ylabel("")
            if row == 0:
                axes.set_title(name, fontsize=10, loc="left")
    for row in range(len(parameters)):
        everyone = [each[..., row] for each in map(finite_members, predictions.values()) if len(each)]
        if everyone:
            frame(grid[row, 0], truth[:, row], np.concatenate(everyone))
    heading(drawing, title)
    note(drawing, "line: truth · diamonds: median of the seeds · points: each seed · light to dark: probed values")
    return drawing
