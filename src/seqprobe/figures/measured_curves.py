"""Predictions of probed curves beside one measure of them: a reader should see what a sentence about them is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.curve_facets import Band, draw_facets, draw_training_curves
from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import band, thin_lines
from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers, finite_members, median, reading
from seqprobe.figures.panels import grid_shape
from seqprobe.figures.style import dress, figure, heading, level_lines, note, palette


@dataclass(frozen=True)
class CurveMeasure:
    """A measure of each probed curve.

    Attributes:
        positions: ``(V,)`` the probed values.
        position_label: what is varied, with its unit.
        values: ``(S, V)``.
        label: what is measured, with its unit.
        levels: by name, what the values are read against, ``(V,)``.
        is_square: whether both axes show the same quantity.
    """

    positions: Array
    position_label: str
    values: Array
    label: str
    levels: Mapping[str, Array] = field(default_factory=dict)
    is_square: bool = False


def measured_outputs(
    x: Array, outputs: Array, labels: Sequence[str], trained_band: Band | None, measure: CurveMeasure, title: str
) -> Figure:
    """Draw the outputs for V curves without the curves themselves, named at their ends, and a measure of them.

    Args:
        x: ``(T,)`` positions along a curve.
        outputs: ``(S, V, T)``.
        labels: V names of the curves.
        trained_band: the least and greatest training curve ``(T,)``, equal if there was only one.
        title: what is to be seen.
    """
    drawing, colors, members = figure(10.5, 4.6), palette(len(labels)), finite_members(outputs)
    axes, measured = drawing.subplots(1, 2, width_ratios=(1.6, 1.0))
    dress(axes)
    if trained_band is not None:
        draw_training_curves(axes, x, *trained_band)
    for index, color in enumerate(colors):
        band(axes, x, members[:, index], color)
    axes.set(xlabel="x", ylabel="output")
    shown = drawable_numbers(members)
    if len(shown):
        margin = 0.05 * float(np.ptp(shown) or 1.0)
        axes.set_ylim(shown.min() - margin, shown.max() + margin)
        name_ends(axes, x, median(members), labels, colors)
    draw_measure(measured, measure, colors)
    heading(drawing, title)
    trained = "" if trained_band is None else " · grey: what was learned"
    note(drawing, f"{reading(len(outputs), len(members)).removeprefix('solid: truth · ')}{trained} · thin: each seed")
    return drawing


def measured_facets(
    x: Array,
    truth: Array,
    outputs: Array,
    labels: Sequence[str],
    trained_band: Band | None,
    measure: CurveMeasure,
    title: str,
    marks: Mapping[str, Array] | None = None,
) -> Figure:
    """Draw each of V curves with its outputs, as `draw_facets` does, and a measure of them; see `measured_outputs`."""
    rows, across = grid_shape(len(truth))
    drawing, colors, members = (
        figure(4.6 + 2.4 * across, 1.1 + 2.0 * rows),
        palette(len(truth)),
        finite_members(outputs),
    )
    grid = drawing.add_gridspec(rows, across + 1, width_ratios=[*[1.0] * across, 1.6])
    draw_facets(drawing, grid, x, truth, members, labels, colors, trained_band, "x", marks)
    draw_measure(drawing.add_subplot(grid[:, across]), measure, colors)
    heading(drawing, title)
    trained = "" if trained_band is None else " · grey: what was learned"
    upright = f" · upright: {' (solid), '.join(marks)} (dotted)" if marks else ""
    note(drawing, f"{reading(len(outputs), len(members))}{trained}{upright}")
    return drawing


def draw_measure(axes: Axes, measure: CurveMeasure, colors: Sequence[str]) -> None:
    """Draw a thin line per member, the medians in the curves' colours, and named levels."""
    dress(axes)
    level_lines(axes, measure.positions, measure.levels)
    thin_lines(axes, measure.positions, finite_members(measure.values), "0.35")
    axes.scatter(
        measure.positions, median(measure.values), c=list(colors), s=46, edgecolors="white", linewidths=0.8, zorder=4
    )
    axes.set(xlabel=measure.position_label, ylabel=measure.label)
    if measure.is_square:
        top = 1.08 * float(drawable_numbers(np.append(measure.positions, measure.values)).max(initial=0.0)) or 1.0
        axes.set(xlim=(0, top), ylim=(0, top))
    add_legend(axes, 3.6)


def name_ends(axes: Axes, x: Array, curves: Array, labels: Sequence[str], colors: Sequence[str]) -> None:
    """Write each curve's name to the right of its end, moved up or down so that names do not touch."""
    low, high = axes.get_ylim()
    ends, gap = drawable(curves)[:, -1], 0.065 * (high - low)
    order = [int(index) for index in np.argsort(ends) if np.isfinite(ends[index])]
    heights = ends[order]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + gap)
    heights -= max(0.0, float(heights[-1]) - high) if len(heights) else 0.0
    for place in reversed(range(len(heights) - 1)):
        heights[place] = min(heights[place], heights[place + 1] - gap)
    for index, height in zip(order, heights, strict=True):
        text = axes.annotate(f"– {labels[index]}", (1.0, height), xycoords=("axes fraction", "data"), va="center")
        text.set(fontsize=9, color="0.15", annotation_clip=False)
        axes.plot(
            1.0, height, "s", color=colors[index], markersize=6, clip_on=False, transform=axes.get_yaxis_transform()
        )
    axes.set_xlim(float(x[0]), float(x[-1]) + 0.01 * float(np.ptp(x)))
