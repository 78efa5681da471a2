"""Recorded sequences: a reader should see what each column looks like over time, and how long sequences are."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array, drawable
from seqprobe.figures.panels import panel_size, panels
from seqprobe.figures.style import figure, heading, named_colors, note


def recorded_sequences(x: Array, x_label: str, columns: Mapping[str, Array], title: str) -> Figure:
    """Draw a few sequences, each in one colour throughout, in a panel for every column.

    Args:
        x: ``(T,)`` positions of the steps.
        x_label: what x is.
        columns: name with its role and unit to ``(n, T)``, NaN after a sequence's end.
        title: the task.
    """
    drawing = figure(*panel_size(len(columns)))
    count = 0
    for axes, (name, values) in zip(panels(drawing, len(columns)), columns.items(), strict=True):
        count = len(values)
        for row, color in zip(drawable(values), named_colors(count), strict=True):
            axes.plot(x, row, color=color, linewidth=1.2, alpha=0.9)
        axes.set(xlabel=x_label, ylabel=name)
    heading(drawing, title)
    note(drawing, f"{count} of the first seed's training sequences · one colour per sequence")
    return drawing
