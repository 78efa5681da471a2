"""Equations as a picture: a reader should see what is computed, in which order."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from seqprobe.figures.style import figure, heading


def equations(lines: Mapping[str, str], title: str) -> Figure:
    """Write equations, in TeX, with a remark each."""
    drawing = figure(10.5, 0.9 + 0.5 * len(lines))
    axes = drawing.add_subplot()
    axes.set_axis_off()
    for row, (equation, remark) in enumerate(lines.items()):
        height = 1 - (row + 0.5) / len(lines)
        axes.text(0.02, height, f"${equation}$", fontsize=14, va="center")
        axes.text(0.68, height, remark, fontsize=10, va="center", color="0.35")
    heading(drawing, title)
    return drawing
