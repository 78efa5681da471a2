"""Curves with their predictions: a reader should see at which points prediction leaves truth, and for which seeds."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from seqprobe.figures.member_lines import band
from seqprobe.figures.member_statistics import Array, drawable
from seqprobe.figures.style import frame

TRUTH_WIDTH = 1.3


def true_curves(axes: Axes, x: Array, truth: Array, colors: Sequence[str], labels: Sequence[str]) -> None:
    """Solid lines, one per curve of ``(n, T)``."""
    for curve, color, label in zip(drawable(truth), colors, labels, strict=True):
        axes.plot(x, curve, color=color, linewidth=TRUTH_WIDTH, zorder=3, label=label)


def compared_curves(
    axes: Axes, x: Array, truth: Array, members: Array, colors: Sequence[str], labels: Sequence[str]
) -> None:
    """True curves ``(n, T)`` under their predictions ``(S, n, T)``, one colour per curve."""
    true_curves(axes, x, truth, colors, labels)
    for i, color in enumerate(colors):
        band(axes, x, members[:, i], color)
    frame(axes, truth, members)
