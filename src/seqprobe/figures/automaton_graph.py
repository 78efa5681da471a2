"""Automata as people draw them: a reader should see the states, what leads from one to another, and what comes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.style import OKABE_ITO, figure, heading, note

FILL, PLAIN, MARKED = "#F6E9DC", "0.25", OKABE_ITO[2]
IN_A_ROW, MOST = 4, 7
"""Most states that stand in a row, and most that are drawn at all; those between stand in a circle."""

APART, CIRCLE = 3.4, 2.6
"""How far states in a row are from each other, and others from the middle of their circle; a state's radius is about
0.5."""


@dataclass(frozen=True)
class Machine:
    """An automaton to draw.

    Attributes:
        names: of the states; the first is where it starts.
        edges: state, next state, label, and whether the label is to stand out.
        caption: the text below it.
    """

    names: Sequence[str]
    edges: Sequence[tuple[int, int, str, bool]]
    caption: str


def automata(machines: Sequence[Machine], title: str, others: int = 0) -> Figure:
    """Draw automata below each other.

    Args:
        machines: the automata.
        title: where they are from.
        others: how many seeds have still others.
    """
    heights = [_height(len(machine.names)) for machine in machines]
    drawing = figure(11.0, max(2.0, 0.9 + sum(heights)))
    grid = drawing.add_gridspec(max(1, len(machines)), 1, height_ratios=heights or [1])
    for index, machine in enumerate(machines):
        axes = drawing.add_subplot(grid[index])
        axes.set_axis_off()
        if len(machine.names) <= MOST:
            _draw(axes, machine)
        else:
            text = f"{len(machine.names)} states, too many to draw; the table of this figure lists them"
            axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", color="0.35")
        axes.set_title(fill(machine.caption, 110), fontsize=10, loc="left", x=0.01, color="0.25")
    heading(drawing, title)
    others_note = f" · {others} more seeds: other automata, or none" if others else ""
    note(drawing, f"input / output · the arrow from nowhere shows the start{others_note}")
    return drawing


def _height(states: int) -> float:
    """Inches of an automaton's panel."""
    return 2.9 if states <= IN_A_ROW else 7.0 if states <= MOST else 1.2


def _draw(axes: Axes, machine: Machine) -> None:
    count = len(machine.names)
    in_a_row = count <= IN_A_ROW
    angles = 2 * np.pi * np.arange(count) / count
    circle = CIRCLE * np.stack([np.cos(angles), np.sin(angles)], 1)
    places = {k: np.array([APART * k, 0.0]) if in_a_row else circle[k] for k in range(count)}
    x, y = np.stack(list(places.values())).T
    axes.scatter(x, y, s=3000, c=FILL, edgecolors="0.2", linewidths=1.6, zorder=2)
    for k, name in enumerate(machine.names):
        axes.text(x[k], y[k], name, fontsize=10, ha="center", va="center")
    axes.set(xticks=[], yticks=[])
    merged: dict[tuple[int, int, bool], list[str]] = defaultdict(list)
    for source, target, label, marked in machine.edges:
        merged[source, target, marked].append(label)
    drawn: dict[tuple[int, int], int] = defaultdict(int)
    for (source, target, marked), labels in merged.items():
        rank = drawn[source, target]
        drawn[source, target] += 1
        _edge(axes, places, source, target, "\n".join(labels), MARKED if marked else PLAIN, rank, in_a_row)
    start = places[0] + (np.array([-1.0, -0.55]) if in_a_row else np.array([0.9, 0.5]))
    _arrow(axes, start, places[0], "arc3", PLAIN)
    if in_a_row:
        middle = APART * (count - 1) / 2
        axes.set(xlim=(middle - 7.2, middle + 7.2), ylim=(-1.55, 1.85), aspect="equal")
    else:
        axes.set(xlim=(-4.2, 4.2), ylim=(-3.6, 3.8), aspect="equal")


def _edge(
    axes: Axes, places: dict[int, Any], source: int, target: int, label: str, color: str, rank: int, in_a_row: bool
) -> None:
    """An arrow with its label: loops above their state, the way forward above the row, the way back below it."""
    here, there = places[source], places[target]
    if source == target:
        away = np.array([0.0, 1.0]) if in_a_row else here / (np.linalg.norm(here) or 1)
        side = np.array([-away[1], away[0]])
        foot, top = 0.46 * away, here + (1.12 + 0.3 * rank) * away
        left, right = here + foot + 0.28 * side, here + foot - 0.28 * side
        _arrow(axes, left, right, "arc3,rad=-1.9", color, shrink=0)
        _label(axes, top, label, color, "bottom" if in_a_row else "center")
        return
    bend = 0.28 + 0.14 * rank
    across = there - here
    normal = np.array([across[1], -across[0]]) / np.linalg.norm(across)
    _arrow(axes, here, there, f"arc3,rad={-bend}", color)
    along = 0.5 if in_a_row else 0.4  # in a circle arrows cross half-way
    height = 2 * along * (1 - along) * bend * np.linalg.norm(across)
    place = here + along * across - normal * (height + (0.14 if in_a_row else 0.0))
    _label(axes, place, label, color, "center")


def _arrow(axes: Axes, here: Any, there: Any, style: str, color: str, shrink: float = 29) -> None:
    shape = {"arrowstyle": "-|>", "connectionstyle": style, "color": color, "linewidth": 1.5, "mutation_scale": 14}
    starts_nowhere = style == "arc3"
    axes.annotate(
        "",
        tuple(there),
        tuple(here),
        arrowprops={
            **shape,
            "shrinkA": 0 if starts_nowhere else shrink,
            "shrinkB": shrink,
        },
    )


def _label(axes: Axes, place: Any, label: str, color: str, vertical: str) -> None:
    written = axes.text(float(place[0]), float(place[1]), label, ha="center", va=vertical, fontsize=9.5, color=color)
    written.set_bbox({"facecolor": "white", "linewidth": 0, "pad": 1.5})
