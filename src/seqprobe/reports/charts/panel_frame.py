"""What all panels of a chart have around their plot: title, axes with ticks and names, grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from seqprobe.figures.member_statistics import Array
from seqprobe.reports.charts.chart_axis import Axis, tick_text
from seqprobe.reports.charts.svg_marks import FINENESS, group, shortened, text, width_of

WIDTH = 300.0
"""Pixels of a panel; pages scale it a little."""
BOTTOM, RIGHT = 38.0, 10.0
"""Pixels below a plot, and at its right."""


Ticks = Sequence[tuple[float, str]]
"""Where ticks are on an axis, as a share of it from its low end, and their labels."""


def axis_ticks(axis: Axis) -> Ticks:
    """The ticks of an axis of numbers."""
    ticks = axis.ticks()
    return list(zip(axis.fractions(np.array(ticks)).tolist(), map(tick_text, ticks), strict=True))


def row_ticks(names: Sequence[str]) -> Ticks:
    """The names of rows, from top to bottom."""
    return [(1 - (row + 0.5) / len(names), name) for row, name in enumerate(names)]


@dataclass(frozen=True)
class Frame:
    """A panel's size, names and ticks.

    Attributes:
        height: of the plot, in pixels.
        right: pixels beside the plot.
    """

    title: str
    x_label: str
    y_label: str
    x_ticks: Ticks
    y_ticks: Ticks
    height: float = 140.0
    right: float = RIGHT

    @property
    def left(self) -> float:
        """Pixels that labels of the vertical axis need."""
        return min(130.0, 8 + max((width_of(label, 10.5) for _, label in self.y_ticks), default=0.0))

    @property
    def top(self) -> float:
        """Pixels that the title and the name of the vertical axis need."""
        return 6.0 + 15 * bool(self.title) + 15 * bool(self.y_label)

    @property
    def width(self) -> float:
        """Of the plot, in pixels."""
        return WIDTH - self.left - self.right

    def across(self, axis: Axis, values: Array) -> Array:
        """Where values are in the plot, in pixels from its left end."""
        return axis.fractions(values) * self.width

    def down(self, axis: Axis, values: Array) -> Array:
        """Where values are in the plot, in pixels from its top."""
        return (1 - axis.fractions(values)) * self.height

    def around(self, plot: Sequence[str], outside: Sequence[str] = ()) -> str:
        """The whole panel as SVG.

        Args:
            plot: elements inside the plot, in tenths of pixels.
            outside: elements anywhere in the panel, in pixels.
        """
        whole = self.top + self.height + BOTTOM
        wide, high = round(self.width, 1), round(self.height, 1)
        return (
            f'<svg class="panel" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {whole:g}" role="img" '
            f'aria-label="{escape(self.title)}">{self._labels()}'
            f'<svg x="{self.left:.1f}" y="{self.top:g}" width="{wide:g}" height="{high:g}" '
            f'viewBox="0 0 {wide * FINENESS:g} {high * FINENESS:g}">{self._grid()}{"".join(plot)}</svg>'
            f"{''.join(outside)}</svg>"
        )

    def _labels(self) -> str:
        low = self.top + self.height
        parts = [text(0, 12, shortened(self.title, WIDTH, 12), "name")] if self.title else []
        if self.y_label:
            parts.append(text(0, self.top - 9, shortened(self.y_label, WIDTH, 10.5), "axis"))
        half = min(width_of(self.x_label), WIDTH) / 2
        at = min(max(self.left + self.width / 2, half), WIDTH - half)
        parts.append(group("axis middle", [text(at, low + 31, shortened(self.x_label, WIDTH))] if self.x_label else []))
        names = [
            text(self.left - 5, low - share * self.height + 3.5, shortened(label, self.left, 10.5))
            for share, label in self.y_ticks
        ]
        numbers, taken = [], -10.0
        for share, label in self.x_ticks:
            at = self.left + share * self.width
            if at - width_of(label) / 2 > taken:
                numbers.append(text(at, low + 15, label))
                taken = at + width_of(label) / 2
        return "".join([*parts, group("tick end", names), group("tick middle", numbers)])

    def _grid(self) -> str:
        wide, high = round(self.width * FINENESS), round(self.height * FINENESS)
        across = "".join(f"M{round(share * wide)} 0V{high}" for share, _ in self.x_ticks)
        down = "".join(f"M0 {round((1 - share) * high)}H{wide}" for share, _ in self.y_ticks)
        return f'<path class="grid" d="{across}{down}"/>'
