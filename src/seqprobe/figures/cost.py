"""What a seed costs: a reader should see from how many seeds on a population pays, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from seqprobe.figures.member_statistics import Array
from seqprobe.figures.style import OKABE_ITO, REFERENCE_DASHES, dress, figure, heading, note

COLORS = {"stacked": OKABE_ITO[0], "looped": OKABE_ITO[1], "auto": "0.1"}


@dataclass(frozen=True)
class CostPanel:
    """One shape's costs.

    Attributes:
        title: the shape.
        seeds: ``(n,)`` numbers of seeds.
        costs: engine to ``(n, rounds)`` milliseconds per seed and update.
        levels: named costs to compare with.
    """

    title: str
    seeds: Array
    costs: Mapping[str, Array]
    levels: Mapping[str, float]


def cost_per_seed(panels: Sequence[CostPanel], title: str) -> Figure:
    """Draw the cost of a seed against the number of seeds on two log axes, a panel per shape."""
    columns = min(4, len(panels))
    rows = -(-len(panels) // columns)
    drawing = figure(max(6.0, 3.3 * columns), 1.3 + 2.9 * rows)
    named: dict[str, Artist] = {}
    for index, panel in enumerate(panels):
        axes = drawing.add_subplot(rows, columns, index + 1)
        dress(axes)
        axes.set(xscale="log", yscale="log", title=panel.title)
        axes.title.set(fontsize=10, color="0.1")
        for number, (name, level) in enumerate(panel.levels.items()):
            dashes = REFERENCE_DASHES[number % len(REFERENCE_DASHES)]
            axes.axhline(level, color="0.45", linewidth=1.1, linestyle=dashes, label=name)
        for engine, costs in panel.costs.items():
            middle, low, high = np.median(costs, axis=1), costs.min(axis=1), costs.max(axis=1)
            if engine == "auto":  # a ring around the engine that it took
                axes.plot(panel.seeds, middle, "o", color=COLORS[engine], label=engine, markersize=8, fillstyle="none")
            else:
                bars = [middle - low, high - middle]
                axes.errorbar(panel.seeds, middle, bars, color=COLORS[engine], label=engine, marker=".", capsize=2)
        axes.set_xticks(panel.seeds, [f"{seeds:g}" for seeds in panel.seeds])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        if index % columns == 0:
            axes.set_ylabel("ms per seed and update")
        if index >= len(panels) - columns:
            axes.set_xlabel("seeds trained at once")
        named |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = list(named)
    drawing.legend(
        list(named.values()), labels, loc="outside lower right", ncols=len(labels), fontsize=8.5, frameon=False
    )
    heading(drawing, title)
    note(drawing, "Lower is better. Bars span all rounds.")
    return drawing
