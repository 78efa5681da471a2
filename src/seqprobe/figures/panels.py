"""Grids of panels: every figure with several axes is laid out here."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array
from seqprobe.figures.style import dress, heading

COMPARED_ACROSS = 4
"""Most panels in a row where models are compared."""


def grid_shape(count: int, across: int = 3) -> tuple[int, int]:
    """Rows and columns of a grid for ``count`` panels, at most ``across`` in a row."""
    columns = max(1, min(count, across))
    return max(1, -(-count // columns)), columns


def panel_size(count: int) -> tuple[float, float]:
    """Width and height in inches of a figure with ``count`` panels, at most three in a row."""
    return {1: 8.5, 2: 10.0}.get(count, 11.0), 1.2 + 3.7 * grid_shape(count)[0]


def panels(drawing: Figure, count: int, across: int = 3) -> list[Axes]:
    """``count`` dressed panels, row by row, each with its own axes."""
    rows, columns = grid_shape(count, across)
    axes = [drawing.add_subplot(rows, columns, place + 1) for place in range(count)]
    for panel in axes:
        dress(panel)
    return axes


def shared_panels(drawing: Figure, count: int, sharex: bool = False, sharey: bool = True) -> tuple[Array, list[Axes]]:
    """The whole grid, and its first ``count`` panels, dressed, on common axes; panels beyond ``count`` are removed."""
    grid = drawing.subplots(*grid_shape(count, COMPARED_ACROSS), sharex=sharex, sharey=sharey, squeeze=False)
    for unused in grid.flat[count:]:
        unused.remove()
    used = list(grid.flat[:count])
    for axes in used:
        dress(axes)
    for axes in used[-grid.shape[1] :]:  # below some of them a panel was removed that had the numbers of the column
        axes.tick_params(labelbottom=True)
    return grid, used


def heading_with_legend(drawing: Figure, grid: Array, title: str) -> None:
    """The figure's title, and below it one legend for all panels, if there is anything to name."""
    entries: dict[str, Any] = {}
    for axes in grid.flat:
        if axes.figure is not None:
            handles, labels = axes.get_legend_handles_labels()
            entries |= {label: handle for handle, label in zip(handles, labels, strict=True) if label not in entries}
    if not entries:
        heading(drawing, title)
        return
    width = 0.55 + 0.064 * max(map(len, entries))
    columns = max(1, min(len(entries), int(drawing.get_figwidth() / width)))
    head = heading(drawing, title)
    lines = head.get_text().count("\n") + 1
    head.set_text(head.get_text() + "\n" * -(-len(entries) // columns))
    drawing.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        ncols=columns,
        fontsize=8.5,
        frameon=False,
        handlelength=2.6,
        bbox_to_anchor=(0.0, 1 - 0.2 * lines / drawing.get_figheight()),
        borderaxespad=0.2,
    )
