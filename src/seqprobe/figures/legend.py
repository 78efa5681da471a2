"""Legends above their panels: a reader should find every name without anything being covered."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes


def add_legend(axes: Axes, width: float) -> None:
    """Add a legend above the panel, where it can cover nothing, read row by row and no wider than ``width`` inches."""
    handles, labels = axes.get_legend_handles_labels()
    if not labels:
        return
    columns = _columns([len(label) for label in labels], width)
    order = [i for column in range(columns) for i in range(column, len(labels), columns)]
    axes.legend(
        [handles[i] for i in order],
        [labels[i] for i in order],
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        borderaxespad=0.2,
        ncols=columns,
        fontsize=8.5,
        frameon=False,
        handlelength=2.2,
        columnspacing=1.3,
    )


def _columns(lengths: Sequence[int], width: float) -> int:
    """How many evenly filled columns of labels fit into ``width`` inches; a wider legend would squeeze its panel."""
    count = len(lengths)
    for rows in range(1, count):
        columns = -(-count // rows)
        if sum(0.5 + 0.07 * max(lengths[i::columns]) for i in range(columns)) <= width:
            return columns
    return 1
