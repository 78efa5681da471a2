"""A panel of lines over an axis: each network's median with a band of its seeds, reference levels, and the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers, extremes, median
from seqprobe.reports.charts.chart_axis import LINEAR, SYMLOG, Axis
from seqprobe.reports.charts.panel_frame import RIGHT, WIDTH, Frame, Ticks, axis_ticks
from seqprobe.reports.charts.svg_marks import FINENESS, band, mark, path, shortened, text, width_of

FEW = 20
"""Up to so many positions are marked."""
LONGEST = 16
"""Letters of the longest name that has room beside a line's end."""
LINE = 13.0
"""Pixels between names beside lines."""


@dataclass(frozen=True)
class Plot:
    """A frame with the axes of its plot."""

    frame: Frame
    x: Axis
    y: Axis

    def across(self, values: Array) -> Array:
        """Where positions are, in pixels from the left."""
        return self.frame.across(self.x, values)

    def down(self, values: Array) -> Array:
        """Where values are, in pixels from the top."""
        return self.frame.down(self.y, values)


@dataclass(frozen=True)
class LinePanel:
    """One panel of lines.

    Attributes:
        series: by name, positions ``(n,)`` and members' values ``(seeds, n)``.
        references: levels by name that are the same everywhere.
        levels: those that differ: positions ``(n,)`` and values ``(n,)``.
        truth: positions and values of what should be predicted; where there is one, series are dotted.
        trained: the range of positions that training covered.
        x_label: what its positions are, if they are others than in the panels beside it, so that it has its own axis.
    """

    title: str
    series: Mapping[str, tuple[Array, Array]]
    references: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, tuple[Array, Array]] = field(default_factory=dict)
    truth: tuple[Array, Array] | None = None
    trained: tuple[float, float] | None = None
    x_label: str = ""

    def positions(self) -> Array:
        """All positions."""
        drawn = [x for x, _ in (*self.series.values(), *self.levels.values())]
        return drawable_numbers(np.concatenate([*drawn, *([self.truth[0]] if self.truth else [])]))

    def values(self) -> Array:
        """Everything that is shown along y."""
        drawn = [values.ravel() for _, values in (*self.series.values(), *self.levels.values())]
        return np.concatenate([*drawn, list(self.references.values()), *([self.truth[1]] if self.truth else [])])

    def draw(self, styles: Mapping[str, int], x: Axis, y: Axis, x_label: str, y_label: str, is_named: bool) -> str:
        """The panel as SVG; ``is_named``: names are written beside the ends of lines."""
        longest = max((width_of(name) for name in self.series), default=0.0) + 22 if is_named else RIGHT
        area = Plot(Frame(self.title, x_label, y_label, self.ticks(x), axis_ticks(y), right=longest), x, y)
        plot = [self._range(area), *self._levels(area, styles)]
        for name, (positions, members) in self.series.items():
            plot += self.marks(area, name, styles[name], positions, members)
        if self.truth is not None:
            plot.append(path(area.across(self.truth[0]), area.down(self.truth[1]), "truth", "truth"))
        return area.frame.around(plot, self._names(area, styles) if is_named else [])

    def ticks(self, x: Axis) -> Ticks:
        """The ticks of the horizontal axis."""
        return axis_ticks(x)

    def marks(self, area: Plot, name: str, style: int, positions: Array, members: Array) -> list[str]:
        """What is drawn of one network: positions ``(n,)`` and members' values ``(seeds, n)``."""
        return series_marks(area, name, style, positions, members, self.truth is not None)

    def _range(self, area: Plot) -> str:
        if self.trained is None:
            return ""
        low, high = np.clip(area.across(np.array(self.trained)), 0, area.frame.width) * FINENESS
        wide, left = max(high - low, 40.0), min(low, area.frame.width * FINENESS - 40)
        size = f'x="{left:.0f}" width="{wide:.0f}" height="{area.frame.height * FINENESS:.0f}"'
        return f'<rect class="trained" {size}><title>training range</title></rect>'

    def _levels(self, area: Plot, styles: Mapping[str, int]) -> list[str]:
        ends, drawn = np.array([area.x.low, area.x.high]), []
        for name, level in self.references.items():
            at = area.down(np.full(2, level))
            drawn.append(path(area.across(ends), at, f"level l{styles[name] % 4}", f"{name}: {level:.3g}"))
        for name, (x, y) in self.levels.items():
            order = np.argsort(x)
            across, down = area.across(drawable(x)[order]), area.down(drawable(y)[order])
            drawn.append(path(across, down, f"level l{styles[name] % 4}", name))
        return drawn

    def _names(self, area: Plot, styles: Mapping[str, int]) -> list[str]:
        ends = {}
        for name, (_, members) in self.series.items():
            values = drawable_numbers(area.down(median(members)))
            ends[name] = float(np.clip(values[-1], 0, area.frame.height)) if len(values) else area.frame.height
        left, parts = WIDTH - area.frame.right + 5, []
        for name, at in spread(ends, LINE, area.frame.height).items():
            style = styles[name]
            y = round(area.frame.top + at, 1)
            parts.append(f'<path class="line s{style}" d="M{left:.0f} {y:g}h12"/>')
            parts.append(text(round(left + 15), y + 3.5, shortened(name, area.frame.right), "series"))
        return parts


def series_marks(area: Plot, name: str, style: int, positions: Array, members: Array, is_prediction: bool) -> list[str]:
    """A band from least to greatest seed, the median, and marks where positions are few."""
    order = np.argsort(positions)
    across, values = area.across(drawable(positions)[order]), drawable(members)[:, order]
    low, high = extremes(values)
    middle = median(values)
    color, down = f"s{style}", area.down(middle)
    parts = [band(across, area.down(low), area.down(high), f"band {color}")] if len(values) > 1 else []
    parts.append(path(across, down, f"line {color}{' prediction' if is_prediction else ''}", name))
    if len(across) <= FEW:
        for at, y, *numbers in zip(across, down, positions[order], middle, low, high, strict=True):
            x, center, least, most = numbers
            words = f"{name} at {x:g}: {center:.3g}" + (f" [{least:.3g}, {most:.3g}]" if len(values) > 1 else "")
            parts.append(mark(at, y, f"dot {color}", style, words))
    return parts


def spread(places: Mapping[str, float], gap: float, height: float) -> dict[str, float]:
    """Places along a height, moved so that they are ``gap`` apart, in their order."""
    ordered = sorted(places, key=lambda name: places[name])
    moved: dict[str, float] = {}
    previous = -gap / 2
    for name in ordered:
        previous = max(places[name], previous + gap)
        moved[name] = previous
    limit = height - 2
    for name in reversed(ordered):
        moved[name] = min(moved[name], limit)
        limit = moved[name] - gap
    return moved


def position_axis(positions: Array, kind: str = LINEAR) -> Axis:
    """An axis from the least to the greatest position; ``symlog`` is linear up to the least positive one."""
    if not len(positions):
        return Axis(0.0, 1.0)
    low, high = float(positions.min()), float(positions.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    threshold = float(min(positions[positions > 0], default=1.0)) if kind == SYMLOG else 1.0
    return Axis(low, high, kind, threshold)


def have_room(names: Sequence[str]) -> bool:
    """Whether names can be beside the ends of lines."""
    return max(map(len, names), default=0) <= LONGEST
