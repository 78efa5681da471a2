"""Scores against the value that a probe varies: a reader should see where they become worse than is possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.agreement import Range
from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import member_lines, thin_lines
from seqprobe.figures.member_statistics import Array, drawable, finite_members, lines_note, median
from seqprobe.figures.panels import panel_size, panels
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.style import OKABE_ITO, figure, heading, level_lines, note, scale, span

MEDIAN_MARKS: dict[str, Any] = {"linestyle": "-", "marker": "o", "markersize": 5, "zorder": 3}


def scores_by_position(
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
    width, height = panel_size(len(scores))
    drawing, order = figure(width, height + 0.4), np.argsort(positions)
    positions = drawable(positions)
    count = (0, 0)
    for axes, (metric, values) in zip(panels(drawing, len(scores)), scores.items(), strict=True):
        if trained is not None:
            span(axes.axvspan, axes.axvline, trained)
        members = finite_members(values)
        count = len(values), len(members)
        member_lines(axes, positions[order], members[:, order], OKABE_ITO[0], **MEDIAN_MARKS, label="members")
        level_lines(axes, positions, references.get(metric, {}))
        x_scale, y_scale = ("log" if name in log else "linear" for name in ("x", "y"))
        drawn = np.concatenate([members.ravel(), *references.get(metric, {}).values()])
        axes.set_ylim(*score_limits(drawn, y_scale))
        scale(axes, x_scale, y_scale)
        axes.set(xlabel=position_label, ylabel=metric)
        add_legend(axes, 0.8 * width / min(len(scores), 3))
    heading(drawing, title)
    note(drawing, lines_note(*count))
    return drawing


def scores_by_label(
    labels: Sequence[str], scores: Mapping[str, Array], references: Mapping[str, Mapping[str, Array]], title: str
) -> Figure:
    """Draw every metric against the probed values, a thin line per member and the median.

    Args:
        labels: V names of the probed values, in order.
        scores: metric name to ``(seeds, V)``.
        references: for some metrics, named levels ``(V,)``.
        title: what was trained on what, and what is varied.
    """
    drawing = figure(*panel_size(len(scores)))
    positions, count = np.arange(len(labels)), (0, 0)
    for axes, (metric, values) in zip(panels(drawing, len(scores)), scores.items(), strict=True):
        members = finite_members(values)
        count = len(values), len(members)
        thin_lines(axes, positions, members, "0.35")
        axes.plot(positions, median(members), color=OKABE_ITO[0], linewidth=1.6, marker="o", label="_median")
        level_lines(axes, positions, references.get(metric, {}))
        drawn = np.concatenate([members.ravel(), *references.get(metric, {}).values()])
        axes.set(ylabel=metric, ylim=score_limits(drawn))
        axes.set_xticks(positions, labels)
        add_legend(axes, 3.4)
    heading(drawing, title)
    note(drawing, lines_note(*count))
    return drawing
