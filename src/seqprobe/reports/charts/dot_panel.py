"""A panel of rows with names: in each a mark for every network, with a bar, and its seeds as points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers
from seqprobe.reports.charts.chart_axis import Axis
from seqprobe.reports.charts.panel_frame import Frame, axis_ticks, row_ticks
from seqprobe.reports.charts.svg_marks import FINENESS, element, mark, units

NARROW, WIDE = 9.0, 20.0
"""Pixels of a network in a row with others, and of a row at least."""


@dataclass(frozen=True)
class Dot:
    """A network in a row.

    Attributes:
        row: from 0 at the top.
        name: the network's.
        seeds: values ``(n,)`` that are drawn as points.
        middle, low, high: the mark, and the ends of the bar.
    """

    row: int
    name: str
    seeds: Array
    middle: float
    low: float
    high: float

    @classmethod
    def of_seeds(cls, row: int, name: str, seeds: Array) -> Dot:
        """A network's median, with a bar over all of its ``seeds`` ``(n,)``, of which none is drawn alone."""
        return cls(row, name, np.empty(0), float(np.median(seeds)), float(seeds.min()), float(seeds.max()))

    @property
    def text(self) -> str:
        """``gru: 0.12 [0.1, 0.14]``."""
        return f"{self.name}: {self.middle:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True)
class DotPanel:
    """One panel of rows.

    Attributes:
        rows: their names, from the top.
        references: vertical lines at named levels.
        levels: by name, a level for each row ``(rows,)``; NaN where there is none.
    """

    title: str
    rows: Sequence[str]
    dots: Sequence[Dot]
    references: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, Array] = field(default_factory=dict)

    def values(self) -> Array:
        """Everything that is shown along the axis."""
        drawn = [np.array([*dot.seeds, dot.middle, dot.low, dot.high]) for dot in self.dots]
        return np.concatenate([*drawn, list(self.references.values()), *self.levels.values()])

    def draw(self, styles: Mapping[str, int], x: Axis, x_label: str) -> str:
        """The panel as SVG."""
        together = max((sum(dot.row == row for dot in self.dots) for row in range(len(self.rows))), default=1)
        height = max(WIDE, NARROW * together + 6)
        frame = Frame(self.title, x_label, "", axis_ticks(x), row_ticks(self.rows), height * len(self.rows))
        plot = self._levels(frame, x, styles, height)
        for row in range(len(self.rows)):
            dots = [dot for dot in self.dots if dot.row == row]
            for index, dot in enumerate(dots):
                y = (row + 0.5) * height + NARROW * (index - (len(dots) - 1) / 2)
                plot += dot_marks(frame, x, dot, styles[dot.name], y)
        return frame.around(plot)

    def _levels(self, frame: Frame, x: Axis, styles: Mapping[str, int], height: float) -> list[str]:
        parts, tall = [], round(frame.height * FINENESS)
        for name, level in self.references.items():
            at = units(float(frame.across(x, np.array(level))))
            parts.append(element("path", f"level l{styles[name] % 4}", f'd="M{at} 0V{tall}"', f"{name}: {level:.3g}"))
        for name, by_row in self.levels.items():
            for row, at in enumerate(frame.across(x, drawable(by_row))):
                if np.isfinite(at):
                    ends = f'd="M{units(at)} {units(row * height + 2)}v{units(height - 4)}"'
                    parts.append(element("path", f"level l{styles[name] % 4}", ends, f"{name}: {by_row[row]:.3g}"))
        return parts


def dot_marks(frame: Frame, axis: Axis, dot: Dot, style: int, y: float) -> list[str]:
    """A network's points, bar and mark at a height in pixels."""
    color, at = f"s{style}", units(y)
    points = "".join(f"M{units(x)} {at}h0" for x in frame.across(axis, drawable_numbers(dot.seeds)))
    parts = [f'<path class="seeds {color}" d="{points}"/>'] if points else []
    middle, low, high = frame.across(axis, drawable(np.array([dot.middle, dot.low, dot.high])))
    if np.isfinite(low) and np.isfinite(high):
        parts.append(element("path", f"interval {color}", f'd="M{units(low)} {at}H{units(high)}"', dot.text))
    return [*parts, mark(middle, y, f"dot {color}", style, dot.text)]
