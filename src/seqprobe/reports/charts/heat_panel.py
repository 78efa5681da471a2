"""A panel that is a heat map of a score over two varied values, with the training range outlined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers
from seqprobe.reports.charts.chart_axis import LOG, Axis, tick_text
from seqprobe.reports.charts.panel_frame import WIDTH, Frame, Ticks
from seqprobe.reports.charts.svg_marks import FINENESS, text, width_of

COLORS = (
    *("#00224e", "#123570", "#2b446e", "#3f4d6b", "#515a6c", "#61656f", "#707173", "#807d78", "#908a78"),
    *("#a19776", "#b3a571", "#c5b468", "#d9c45b", "#edd349", "#fee838"),
)
"""Cividis in fifteen steps, which colour-blind people see as everyone does."""
MOST_TICKS = 7
HEIGHT = 190.0
"""Pixels of a map."""
SPAN = 30.0
"""From here on, greatest through least positive score, colours are logarithmic."""
DEPTH = 1e6
"""Scores smaller than the greatest by more than this share the darkest colour."""
LEAST = 0.9
"""A scale begins at this share of the greatest score at most, or differences of a hundredth would seem decisive."""


@dataclass(frozen=True)
class HeatPanel:
    """One heat map; cells are equally large, whatever lies between their values.

    Attributes:
        x, y: values ``(X,)`` and ``(Y,)`` in ascending order.
        scores: ``(Y, X)``.
        box: what training covered of x and of y.
    """

    title: str
    x: Array
    y: Array
    scores: Array
    box: tuple[tuple[float, float], tuple[float, float]]

    def draw(self, color: Axis, x_label: str, y_label: str, score: str) -> str:
        """The panel as SVG, on the colour scale ``color`` of what ``score`` names."""
        frame = Frame(self.title, x_label, y_label, cell_ticks(self.x), cell_ticks(self.y), HEIGHT)
        wide, high = frame.width * FINENESS / len(self.x), HEIGHT * FINENESS / len(self.y)
        steps, plot = color_steps(self.scores, color), []
        for index, shade in enumerate(COLORS):
            cells = "".join(
                f"M{first * wide:.0f} {(len(self.y) - 1 - row) * high:.0f}h{count * wide:.0f}v{high:.0f}"
                f"h-{count * wide:.0f}z"
                for row, line in enumerate(steps)
                for first, count in runs(line == index)
            )
            plot += [f'<path class="cell" fill="{shade}" d="{cells}"/>'] if cells else []
        outline = self._outline(wide, high)
        plot += [f'<path class="{style}" d="{outline}"/>' for style in ("rim", "box")] if outline else []
        return frame.around(plot, color_bar(color, score))

    def _outline(self, wide: float, high: float) -> str:
        """Where training was; as large as a cell, where it was one value."""
        sides = []
        for (low, high_end), values in zip(self.box, (self.x, self.y), strict=True):
            if low > values[-1] or high_end < values[0]:
                return ""
            ends = np.interp([low, high_end], values, np.arange(len(values)) + 0.5)
            sides.append(ends + (np.array([-0.5, 0.5]) if low == high_end else 0))
        (left, right), (bottom, top) = sides
        low, up = (len(self.y) - bottom) * high, (len(self.y) - top) * high
        return f"M{left * wide:.0f} {low:.0f}H{right * wide:.0f}V{up:.0f}H{left * wide:.0f}z"


def cell_ticks(values: Array) -> Ticks:
    """Values at the middle of their cells, at most `MOST_TICKS`."""
    shown = range(0, len(values), -(-len(values) // MOST_TICKS))
    return [((index + 0.5) / len(values), tick_text(float(values[index]))) for index in shown]


def color_axis(scores: Array) -> Axis:
    """One scale for all ``scores``, logarithmic if they span decades."""
    finite = drawable_numbers(scores)
    positive = finite[finite > 0]
    if not len(positive):
        return Axis(0.0, 1.0)
    greatest = float(finite.max())
    if greatest >= SPAN * positive.min():
        return Axis(max(float(positive.min()), greatest / DEPTH), greatest, LOG)
    return Axis(min(float(finite.min()), LEAST * greatest), greatest)


def color_steps(scores: Array, color: Axis) -> Array:
    """The index of the colour of each score ``(Y, X)``; -1 where there is none."""
    shares = color.fractions(np.maximum(drawable(scores), color.low))
    steps = np.clip(np.floor(shares * len(COLORS)), 0, len(COLORS) - 1)
    return np.asarray(np.where(np.isfinite(shares), steps, -1).astype(int))


def runs(chosen: Array) -> list[tuple[int, int]]:
    """Where runs of True begin in ``(n,)``, and how long they are."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(int), [0]])))
    return [(int(first), int(end - first)) for first, end in edges.reshape(-1, 2)]


def color_bar(color: Axis, score: str) -> list[str]:
    """The scale as a line of a panel: least value, colours, greatest value, name."""
    least, greatest = f"{color.low:.2g}", f"{color.high:.2g}"
    left = WIDTH - 110 - width_of(greatest, 10.5)
    parts = [text(left - 4, 12, f"{score}  {least}", "tick end"), text(left + 110, 12, greatest, "tick end")]
    step = (106 - width_of(greatest, 10.5)) / len(COLORS)
    return parts + [
        f'<rect fill="{shade}" x="{left + index * step:.1f}" y="4" width="{step + 0.2:.1f}" height="9"/>'
        for index, shade in enumerate(COLORS)
    ]
