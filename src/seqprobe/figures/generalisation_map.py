"""A score over two varied parameters: a reader should see how far beyond its training range a network still works."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from seqprobe.figures.agreement import Range
from seqprobe.figures.member_statistics import Array, drawable_numbers, finite_members, median, median_note
from seqprobe.figures.panels import grid_shape
from seqprobe.figures.style import figure, heading, note

Box = tuple[Range, Range]
"""What training covered of x and of y; low and high are equal where it was one value."""
SPAN = 30.0
"""From here on, greatest through least positive score, colours are logarithmic."""
DEPTH = 1e6
"""Scores smaller than the greatest by more than this share the darkest colour."""
LEAST = 0.9
"""A scale begins at this share of the greatest score at most, or differences of a hundredth would seem decisive."""
TICKS = 7


def generalisation_map(
    panels: Mapping[str, Array],
    x: Array,
    y: Array,
    x_label: str,
    y_label: str,
    box: Box,
    measure: str,
    title: str,
) -> Figure:
    """Draw a heat map per panel, all on one colour scale, with the training range outlined.

    Cells are equally large, whatever lies between their values.

    Args:
        panels: a name, or nothing for a single panel, to scores ``(seeds, Y, X)``; seeds may differ in number.
        x: ``(X,)`` values in ascending order.
        y: ``(Y,)`` values in ascending order.
        x_label: what x is, with its unit.
        y_label: what y is, with its unit.
        box: what training covered: an outline, a line where it was one value of x or y, a ring where of both.
        measure: what the score is.
        title: what was trained on what.
    """
    rows, columns = grid_shape(len(panels))
    drawing = figure(4.6 * columns + 1.6, 4.2 * rows + 1.2)
    members = {name: finite_members(scores) for name, scores in panels.items()}
    middles = {name: median(values) for name, values in members.items()}
    norm = shared_norm(np.stack(list(middles.values())))
    darkest = norm.vmin if isinstance(norm, LogNorm) and norm.vmin else -np.inf  # what is darker would have no colour
    used: list[Axes] = []
    for place, (name, middle) in enumerate(middles.items()):
        axes = drawing.add_subplot(rows, columns, place + 1)
        axes.set_facecolor("0.85")
        image = axes.imshow(np.maximum(middle, darkest), "viridis", norm=norm, origin="lower", aspect="auto")
        _ticks(axes, x, y)
        _outline(axes, x, y, box)
        axes.set(xlabel=x_label, ylabel="" if place % columns else y_label)
        counted = median_note(len(panels[name]), len(members[name]))
        axes.set_title(" · ".join([name] * bool(name) + [counted]), loc="left", fontsize=9.5, color="0.2")
        used.append(axes)
    drawing.colorbar(image, ax=used, label=measure, fraction=0.15 / columns, pad=0.02, aspect=24)
    heading(drawing, title)
    covered = {0: "a ring", 1: "a line", 2: "an outline"}[sum(low < high for low, high in box)]
    where = f"{covered} in white: what training covered" if _meets(x, y, box) else "what training covered is not shown"
    scale = ", colours logarithmic" if isinstance(norm, LogNorm) else ""
    note(drawing, f"a cell's colour: {measure} at its values{scale} · {where} · grey: no finite member")
    return drawing


def shared_norm(values: Array) -> Normalize:
    """One colour scale for all finite ``values``, logarithmic if they span decades."""
    finite = drawable_numbers(values)
    positive = finite[finite > 0]
    if len(positive) and positive.max() / positive.min() >= SPAN:
        return LogNorm(max(float(positive.min()), float(positive.max()) / DEPTH), float(positive.max()))
    if not len(positive):
        return Normalize(0.0, 1.0)
    greatest = float(finite.max())
    return Normalize(min(float(finite.min()), LEAST * greatest), greatest)


def _ticks(axes: Axes, x: Array, y: Array) -> None:
    """The values themselves, at most seven of each."""
    for values, place in ((x, axes.set_xticks), (y, axes.set_yticks)):
        marked = np.arange(0, len(values), -(-len(values) // TICKS))
        place(marked, [f"{values[index]:g}" for index in marked])
    axes.tick_params(labelsize=9, color="0.4", labelcolor="0.2")


def _edges(values: Array) -> tuple[Array, Array]:
    """Values with those at the outer borders, and where on the axis they lie."""
    steps = np.diff(values) if len(values) > 1 else np.ones(1)
    return (
        np.array([values[0] - steps[0] / 2, *values, values[-1] + steps[-1] / 2]),
        np.array([-0.5, *range(len(values)), len(values) - 0.5]),
    )


def _meets(x: Array, y: Array, box: Box) -> bool:
    """Whether the training range reaches into the map."""
    ends = (_edges(values)[0][[0, -1]] for values in (x, y))
    return all(low <= last and high >= first for (low, high), (first, last) in zip(box, ends, strict=True))


def _outline(axes: Axes, x: Array, y: Array, box: Box) -> None:
    """Where training lay, in white with a black rim, which is seen on any colour."""
    if not _meets(x, y, box):
        return
    left, right = np.interp(box[0], *_edges(x))
    bottom, top = np.interp(box[1], *_edges(y))
    rim = [withStroke(linewidth=4.5, foreground="black")]
    (line,) = axes.plot(
        [left, right, right, left, left],
        [bottom, bottom, top, top, bottom],
        color="white",
        linewidth=2.2,
        path_effects=rim,
        clip_on=False,
        label="trained",
    )
    if left == right and bottom == top:
        line.set(marker="o", markersize=13, markeredgewidth=2.2, fillstyle="none")
