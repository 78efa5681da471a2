"""Probed curves, a panel each on common axes: a reader should see each curve whole, and where predictions leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from seqprobe.figures.curve_predictions import compared_curves
from seqprobe.figures.member_statistics import Array, drawable
from seqprobe.figures.style import SHADE, dress, frame

Band = tuple[Array, Array]
MARK_DASHES = ((0, (1, 0)), (0, (1.5, 1.5)))
"""Of vertical marks: solid for the truth's, dotted for the prediction's."""


def draw_facets(
    drawing: Figure,
    grid: GridSpec,
    x: Array,
    truth: Array,
    members: Array,
    labels: Sequence[str],
    colors: Sequence[str],
    trained_band: Band | None,
    x_label: str,
    marks: Mapping[str, Array] | None = None,
) -> list[Axes]:
    """Draw curves ``(V, T)`` under predictions ``(S, V, T)`` into the grid's columns but the last, row by row.

    Args:
        trained_band: the least and greatest training curve ``(T,)``, equal if there was only one.
        marks: by name, a position along x for each curve, ``(V,)``: the truth's, and then the prediction's.
    """
    across, panels = grid.ncols - 1, list[Axes]()
    for place, (label, color) in enumerate(zip(labels, colors, strict=True)):
        shared = panels[0] if panels else None
        axes = drawing.add_subplot(grid[divmod(place, across)], sharex=shared, sharey=shared)
        dress(axes)
        if trained_band is not None:
            draw_training_curves(axes, x, *trained_band)
        compared_curves(axes, x, truth[place][None], members[:, place][:, None], [color], ["truth"])
        for dashes, (name, at) in zip(MARK_DASHES, (marks or {}).items(), strict=False):
            axes.axvline(at[place], color="0.25", linewidth=1.1, linestyle=dashes, zorder=1.5, label=name)
        axes.set_title(label, loc="left", fontsize=10)
        axes.set(xlabel=x_label if place >= len(truth) - across else "", ylabel="" if place % across else "output")
        panels.append(axes)
    if panels:
        frame(panels[0], truth, np.moveaxis(members, 1, 0))
    return panels


def draw_training_curves(axes: Axes, x: Array, low: Array, high: Array) -> None:
    """Draw where training curves lay: an area, or the one curve itself."""
    if np.array_equal(low, high):
        axes.plot(x, drawable(low), color=SHADE, linewidth=6, solid_capstyle="round", zorder=1, label="training curve")
    else:
        axes.fill_between(x, drawable(low), drawable(high), color=SHADE, linewidth=0, zorder=1, label="training curves")
