"""A panel of lines in which every member is a point: for few positions that were trained one by one."""

from __future__ import annotations

import numpy as np

from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers, extremes, median
from seqprobe.reports.charts.chart_axis import LOG, Axis, tick_text
from seqprobe.reports.charts.line_panel import LinePanel, Plot
from seqprobe.reports.charts.panel_frame import Ticks
from seqprobe.reports.charts.svg_marks import mark, path, units

MARGIN = 0.05
"""Share of the axis left free at both ends: points are wider than a line."""


def member_axis(positions: Array, kind: str) -> Axis:
    """An axis on which the points at all positions are entirely seen."""
    low, high = float(positions.min()), float(positions.max())
    if kind == LOG:
        factor = (high / low) ** MARGIN
        return Axis(low / factor, high * factor, kind)
    margin = MARGIN * ((high - low) or 1.0)
    return Axis(low - margin, high + margin, kind)


class MemberPanel(LinePanel):
    """A `LinePanel` with points for members instead of a band; the line is their median."""

    def ticks(self, x: Axis) -> Ticks:
        places = np.unique(self.positions())
        return list(zip(x.fractions(places).tolist(), map(tick_text, places), strict=True))

    def marks(self, area: Plot, name: str, style: int, positions: Array, members: Array) -> list[str]:
        across, values = area.across(drawable(positions)), drawable(members)
        middle, (low, high) = median(values), extremes(values)
        color, down = f"s{style}", area.down(middle)
        parts = [path(across, down, f"line {color}", name)]
        for place, at in enumerate(across):
            heights = drawable_numbers(area.down(values[:, place]))
            data = "".join(f"M{units(at)} {units(height)}h0" for height in np.sort(heights))
            parts.append(f'<path class="seeds {color}" d="{data}"/>' if data else "")
            words = f"{name} at {positions[place]:g}: {middle[place]:.3g} [{low[place]:.3g}, {high[place]:.3g}]"
            parts.append(mark(at, down[place], f"dot {color}", style, words))
        return parts
