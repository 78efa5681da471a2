"""A population's members in one panel: a band or thin lines for the members, a thick line for their median."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.lines import Line2D

from seqprobe.figures.member_statistics import Array, drawable, extremes, median

DOTTED = (0, (0.1, 1.9))
"""With round caps: dots of the line's width, however finely the curve is sampled."""

THIN: dict[str, Any] = {"linewidth": 0.7, "alpha": 0.4, "label": "_seed"}
MEDIAN: dict[str, Any] = {"linewidth": 1.8, "label": "_median"}


def member_lines(axes: Axes, x: Array, members: Array, color: str, /, **median_style: Any) -> None:
    """Draw members ``(seeds, n)`` as thin lines and their median as a thick one, in ``median_style``."""
    thin_lines(axes, x, members, color)
    axes.plot(x, median(members), **(MEDIAN | {"color": color} | median_style))


def thin_lines(axes: Axes, x: Array, members: Array, color: str, **style: Any) -> None:
    """Draw a thin line for each member of ``(seeds, n)``."""
    for member in drawable(members):
        axes.plot(x, member, **(THIN | {"color": color} | style))


def band(
    axes: Axes, x: Array, members: Array, color: str, label: str = "_prediction"
) -> tuple[FillBetweenPolyCollection | None, Line2D]:
    """Draw members ``(seeds, T)`` as a band from least to greatest, if there are several, and a dotted median."""
    low, high = extremes(members)
    shade = None
    if len(members) > 1:
        shade = axes.fill_between(x, low, high, color=color, alpha=0.18, linewidth=0, zorder=2)
    (line,) = axes.plot(x, median(members), color=color, linewidth=2.6, linestyle=DOTTED, zorder=4, label=label)
    line.set_dash_capstyle("round")
    return shade, line


def move_band(shade: FillBetweenPolyCollection | None, line: Line2D, x: Array, members: Array) -> None:
    """Give what `band` drew other members ``(seeds, T)``."""
    line.set_ydata(median(members))
    if shade is not None:
        shade.set_data(x, *extremes(members))
