"""Scores against the value that a probe varies: a reader should see where they leave what is possible."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.agreement import Range
from seqprobe.figures.legend import key
from seqprobe.figures.member_statistics import Array, finite_members, lines_note, median
from seqprobe.figures.style import OKABE_ITO, REFERENCE_DASHES, figure, heading, note, panels, span
from seqprobe.figures.validation_fit import size

Scales = Mapping[str, str]


def measured(
    positions: Array,
    position_label: str,
    scores: Mapping[str, Array],
    references: Mapping[str, Mapping[str, Array]],
    trained: Range | None,
    title: str,
    log: tuple[str, ...] = (),
) -> Figure:
    """Draw every score against the varied value, one panel each.

    Args:
        positions: ``(V,)`` the varied values.
        position_label: what is varied, with its unit.
        scores: metric with its unit to ``(S, V)``.
        references: for some metrics, named levels ``(V,)``.
        trained: the least and greatest value trained on, equal if there was only one.
        title: what was trained on what, and what is varied.
        log: axes with a logarithmic scale, of ``x`` and ``y``.
    """
    width, height = size(len(scores))
    drawing, order = figure(width, height + 0.4), np.argsort(positions)
    count = (0, 0)
    for axes, (metric, values) in zip(panels(drawing, len(scores)), scores.items(), strict=True):
        if trained is not None:
            span(axes.axvspan, axes.axvline, trained)
        members = finite_members(values)
        count = len(values), len(members)
        _lines(axes, positions[order], members[:, order])
        for dashes, (name, level) in zip(REFERENCE_DASHES, references.get(metric, {}).items(), strict=False):
            axes.plot(positions[order], level[order], color="0.35", linewidth=1.3, linestyle=dashes, label=name)
        if "x" in log:
            axes.set_xscale("log")
        if "y" in log:
            axes.set_yscale("log")
        if len(members) and np.ptp(members) == 0:  # left to itself, a level line would seem to vary
            axes.set_ylim(0.0, 1.05 * max(1.0, float(members.max())))
        axes.set(xlabel=position_label, ylabel=metric)
        key(axes, 0.8 * width / min(len(scores), 3))
    heading(drawing, title)
    note(drawing, lines_note(*count))
    return drawing


def _lines(axes: Axes, positions: Array, members: Array) -> None:
    """A thin line per member and the median."""
    for member in members:
        axes.plot(positions, member, color=OKABE_ITO[0], linewidth=0.7, alpha=0.4, label="_seed")
    axes.plot(
        positions, median(members), "o-", color=OKABE_ITO[0], linewidth=1.8, markersize=5, zorder=3, label="members"
    )
