"""Several models side by side on one scale: a reader should see which one differs from the others, and where."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array, drawable, extremes, median
from seqprobe.figures.panels import COMPARED_ACROSS, grid_shape, heading_with_legend, shared_panels
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.series_styles import SeriesStyle, series_styles
from seqprobe.figures.style import REFERENCE_DASHES, figure, note, reference_lines, scale


@dataclass(frozen=True)
class Panel:
    """One of several panels.

    Attributes:
        series: by name, positions ``(n,)`` and members' values ``(seeds, n)``; one member at least.
        references: named levels to read the values against.
        levels: by name, those that differ between positions: positions ``(n,)`` and values ``(n,)``.
    """

    title: str
    series: Mapping[str, tuple[Array, Array]]
    references: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, tuple[Array, Array]] = field(default_factory=dict)


def small_multiples(
    panels: Sequence[Panel],
    names: Sequence[str],
    x_label: str,
    y_label: str,
    title: str,
    reading: str,
    x_scale: str = "linear",
    y_scale: str = "linear",
    ticks: Sequence[str] = (),
) -> Figure:
    """Draw members' values in panels that share both axes: the median as a line, all finite seeds as a band.

    Args:
        names: of all series, in the order of their colours; those of one panel alone need no legend.
        reading: what the figure is to be read for, beside median and band.
        x_scale, y_scale: matplotlib's names of scales.
        ticks: labels of the positions 0, 1, 2 …, where those are no numbers.
    """
    rows, across = grid_shape(len(panels), COMPARED_ACROSS)
    drawing = figure(max(6.4, 0.7 + 2.9 * across), 1.5 + 2.5 * rows)
    same_x = all(np.array_equal(x, first(panels[0])) for panel in panels for x, _ in panel.series.values())
    grid, used = shared_panels(drawing, len(panels), sharex=same_x)
    as_points = any(not is_number(tick) for tick in ticks)
    styles = series_styles(names)
    limits = score_limits(np.concatenate([shown_values(panel) for panel in panels]), y_scale)
    for axes, panel in zip(used, panels, strict=True):
        reference_lines(axes, panel.references)
        draw_levels(axes, panel.levels, as_points)
        for name, (x, members) in panel.series.items():
            draw = draw_points if as_points else draw_band
            draw(axes, x, members, styles[name], f"_{name}" if len(panel.series) == 1 else name)
        positions = first(panel)
        axes.set_ylim(*limits)
        scale(axes, x_scale, y_scale, float(min(positions[positions > 0], default=1.0)))
        axes.set_title(panel.title, fontsize=10, loc="left")
        if ticks:
            axes.set_xticks(
                range(len(ticks)),
                ticks,
                rotation=35 if max(map(len, ticks)) > 4 else 0,
                ha="right" if max(map(len, ticks)) > 4 else "center",
                rotation_mode="anchor",
            )
    for axes in grid[:, 0]:
        axes.set_ylabel(y_label)
    heading_with_legend(drawing, grid, title)
    how = "mark: median · bar: all finite seeds" if as_points else "line: median · band: all finite seeds"
    note(drawing, f"{x_label} →\n{reading} · {how}")
    return drawing


def draw_levels(axes: Axes, levels: Mapping[str, tuple[Array, Array]], as_points: bool) -> None:
    """Draw named levels as dashed lines, or as short bars where nothing lies between positions."""
    for dashes, (name, (x, level)) in zip(itertools.cycle(REFERENCE_DASHES), levels.items(), strict=False):
        order = np.argsort(x)
        line: dict[str, Any] = {"linewidth": 1.1, "linestyle": dashes}
        if as_points:
            line = {"linestyle": "", "marker": "_", "markersize": 16, "markeredgewidth": 1.4}
        axes.plot(drawable(x)[order], drawable(level)[order], color="0.35", label=name, **line)


def draw_band(axes: Axes, x: Array, members: Array, style: SeriesStyle, name: str) -> None:
    """Draw members ``(seeds, n)`` as a band and their median; marks where there are few positions."""
    x, values = drawable(x), drawable(members)
    low, high = extremes(values)
    if len(values) > 1:
        axes.fill_between(x, low, high, color=style.color, alpha=0.16, linewidth=0, zorder=2)
    axes.plot(
        x,
        median(values),
        color=style.color,
        linewidth=1.7,
        linestyle=style.dashes,
        marker=style.marker if len(x) <= 16 else "",
        markersize=4.5,
        zorder=3,
        label=name,
    )


def draw_points(axes: Axes, x: Array, members: Array, style: SeriesStyle, name: str) -> None:
    """Draw members ``(seeds, n)`` as a bar each and their median, where nothing lies between positions."""
    x, values = drawable(x), drawable(members)
    axes.vlines(x, *extremes(values), color=style.color, linewidth=3, alpha=0.35, zorder=2)
    axes.plot(
        x, median(values), style.marker, color=style.color, markersize=6, markeredgecolor="white", zorder=3, label=name
    )


def shown_values(panel: Panel) -> Array:
    """Everything that a panel shows along y, as one row."""
    members, levels = ([values.ravel() for _, values in of.values()] for of in (panel.series, panel.levels))
    return np.concatenate([*members, *levels, list(panel.references.values())])


def first(panel: Panel) -> Array:
    """The positions of a panel's first series."""
    return next(iter(panel.series.values()))[0]


def is_number(text: str) -> bool:
    """Whether a label is a number, so that labels have an order."""
    try:
        float(text)
    except ValueError:
        return False
    return True
