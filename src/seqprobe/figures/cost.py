"""What a seed costs: a reader should see from how many seeds on a population pays, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array
from seqprobe.figures.panels import COMPARED_ACROSS, grid_shape, panels
from seqprobe.figures.style import OKABE_ITO, REFERENCE_DASHES, figure, heading, note, scale

COLORS = {"stacked": OKABE_ITO[0], "looped": OKABE_ITO[1], "compiled": OKABE_ITO[2], "auto": "0.1"}


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


def cost_per_seed(costs: Sequence[CostPanel], title: str) -> Figure:
    """Draw the cost of a seed against the number of seeds on two log axes, a panel per shape."""
    rows, columns = grid_shape(len(costs), COMPARED_ACROSS)
    drawing = figure(max(6.0, 3.3 * columns), 1.3 + 2.9 * rows)
    entries: dict[str, Artist] = {}
    for index, (axes, panel) in enumerate(zip(panels(drawing, len(costs), COMPARED_ACROSS), costs, strict=True)):
        axes.set_title(panel.title)
        axes.title.set(fontsize=10, color="0.1")
        for number, (name, level) in enumerate(panel.levels.items()):
            dashes = REFERENCE_DASHES[number % len(REFERENCE_DASHES)]
            axes.axhline(level, color="0.45", linewidth=1.1, linestyle=dashes, label=name)
        for engine, rounds in panel.costs.items():
            middle, low, high = np.median(rounds, axis=1), rounds.min(axis=1), rounds.max(axis=1)
            if engine == "auto":  # a ring around the engine that it took
                axes.plot(panel.seeds, middle, "o", color=COLORS[engine], label=engine, markersize=8, fillstyle="none")
            else:
                bars = [middle - low, high - middle]
                axes.errorbar(panel.seeds, middle, bars, color=COLORS[engine], label=engine, marker=".", capsize=2)
        scale(axes, "log", "log")
        axes.set_xticks(panel.seeds, [f"{seeds:g}" for seeds in panel.seeds])
        if index % columns == 0:
            axes.set_ylabel("ms per seed and update")
        if index >= len(costs) - columns:
            axes.set_xlabel("seeds trained at once")
        entries |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = list(entries)
    drawing.legend(
        list(entries.values()), labels, loc="outside lower right", ncols=len(labels), fontsize=8.5, frameon=False
    )
    heading(drawing, title)
    note(drawing, "Lower is better. Bars span all rounds.")
    return drawing
