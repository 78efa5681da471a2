"""Predicted against true values: a reader should see how far points lie from the line on which they belong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers, median
from seqprobe.figures.style import OKABE_ITO, SHADE, frame, span

Range = tuple[float, float]


def identity(axes: Axes, truth: Array, name: str) -> None:
    """The line on which every prediction should lie, over the range of ``truth``."""
    numbers = drawable_numbers(truth)
    ends = np.array([numbers.min(), numbers.max()]) if len(numbers) else np.full(2, np.nan)
    axes.plot(ends, ends, color="0.15", linewidth=1.2, zorder=3, label="truth")
    axes.set(xlabel=f"{name}, true", ylabel=f"{name}, predicted")


def scatter(axes: Axes, truth: Array, predictions: Array) -> Line2D:
    """One faint point per member and example of ``(S, n)``."""
    (points,) = axes.plot(
        drawable(truth).ravel(), drawable(predictions).ravel(), "o", color=OKABE_ITO[0], zorder=2, label="prediction"
    )
    points.set(markersize=3.2, markeredgewidth=0, alpha=0.35)
    return points


def varied_parameter(
    axes: Axes, name: str, truth: Array, members: Array, trained: Range | None, colors: Sequence[str]
) -> None:
    """A parameter with truth ``(V,)`` that differs between curves, predicted by members ``(S, V)``."""
    if trained is not None:
        span(axes.axvspan, axes.axvline, trained)
    identity(axes, truth, name)
    _points(axes, drawable(truth), members, colors)
    frame(axes, truth, members)


def fixed_parameter(
    axes: Axes,
    name: str,
    truth: Array,
    members: Array,
    trained: Array,
    labels: Sequence[str],
    colors: Sequence[str],
) -> None:
    """A parameter that is the same in all V curves, predicted by members ``(S, V)``: the truth is a level.

    Args:
        trained: ``(V,)`` booleans, whether training covered a curve; only those columns are shaded.
    """
    for count, column in enumerate(np.flatnonzero(trained)):
        label = "_trained" if count else "trained"
        axes.axvspan(column - 0.5, column + 0.5, color=SHADE, linewidth=0, zorder=0.5, label=label)
    axes.set_xlim(-0.5, len(truth) - 0.5)
    for level in drawable_numbers(truth[:1]):
        axes.axhline(level, color="0.15", linewidth=1.2, zorder=3, label=f"truth ({level:g})")
    places = np.arange(len(truth))
    _points(axes, places, members, colors)
    frame(axes, truth, members)
    axes.set_xticks(places, labels, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_ylabel(f"{name}, predicted")


def _points(axes: Axes, places: Array, members: Array, colors: Sequence[str]) -> None:
    """A faint point per member and a solid one for the median, in the curve's colour."""
    middle = median(members)
    for i, color in enumerate(colors):
        at = np.full(len(members), places[i])
        axes.plot(at, members[:, i], "o", color=color, markersize=4, markeredgewidth=0, alpha=0.4, label="_seeds")
        axes.plot(places[i], middle[i], "D", color=color, markersize=5, markeredgecolor="white", zorder=5)
