"""Scores of a probe without curves of its own: a reader should see how each metric moves with the probed value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array, finite_members, lines_note, median
from seqprobe.figures.style import OKABE_ITO, figure, heading, note, panels
from seqprobe.figures.validation_fit import size


def scores_by_value(labels: Sequence[str], scores: Mapping[str, Array], title: str) -> Figure:
    """Draw every metric against the probed values, a thin line per member and the median.

    Args:
        labels: V names of the probed values, in order.
        scores: metric name to ``(seeds, V)``.
        title: what was trained on what, and what is varied.
    """
    drawing = figure(*size(len(scores)))
    positions, count = np.arange(len(labels)), (0, 0)
    for axes, (metric, values) in zip(panels(drawing, len(scores)), scores.items(), strict=True):
        members = finite_members(values)
        count = len(values), len(members)
        for member in members:
            axes.plot(positions, member, color="0.35", linewidth=0.7, alpha=0.4, label="_seed")
        axes.plot(positions, median(members), color=OKABE_ITO[0], linewidth=1.6, marker="o", label="_median")
        axes.set(xlabel="value", ylabel=metric)
        axes.set_xticks(positions, labels)
    heading(drawing, title)
    note(drawing, lines_note(*count))
    return drawing
