"""Hidden states by the true state of a machine: a reader should see whether the network keeps the same states apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array, members_note
from seqprobe.figures.panels import grid_shape, heading_with_legend, panels
from seqprobe.figures.style import OKABE_ITO, figure, note

MOST = 6
MARKERS = ("o", "s", "^", "D", "v", "P")


def hidden_states(hidden: Array, states: Array, names: Sequence[str], readable: Array, title: str) -> Figure:
    """Draw each member's hidden states in its first two principal components, at most six members.

    Args:
        hidden: ``(S, n, units)``.
        states: ``(S, n)`` the true state at each step.
        names: the states' names.
        readable: ``(S, 2)`` the share of steps whose true state can be read off, trained and untrained.
        title: what was trained.
    """
    members = [index for index in range(len(hidden)) if np.isfinite(hidden[index]).all()]
    shown = members[:MOST]
    rows, columns = grid_shape(len(shown))
    drawing = figure(3.6 * columns + 0.6, 3.5 * rows + 1.0)
    used = panels(drawing, len(shown))
    for axes, member in zip(used, shown, strict=True):
        for state, name in enumerate(names):
            at = principal(hidden[member])[states[member] == state]
            color, marker = OKABE_ITO[state % len(OKABE_ITO)], MARKERS[state % len(MARKERS)]
            axes.plot(*at.T, marker, color=color, markersize=5, alpha=0.45, markeredgewidth=0, label=name)
        trained, untrained = readable[member]
        shares = f"readable {trained:.0%}, untrained {untrained:.0%}"
        axes.set(xlabel="principal component 1", ylabel="principal component 2")
        axes.set_title(shares, loc="right", fontsize=8.5, color="0.3")
    heading_with_legend(drawing, np.array(used), title)
    note(drawing, f"one panel per seed, {len(shown)} of {members_note(len(hidden), len(members))} · one point per step")
    return drawing


def principal(points: Array) -> Array:
    """``(n, units)`` points in their first two principal components ``(n, 2)``; zeros where there is but one."""
    centred = points - points.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    projected = centred @ axes[:2].T
    return np.pad(projected, ((0, 0), (0, 2 - projected.shape[1])))
