"""Scores against the value that a probe varies: a reader should see where they become worse than is possible."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.agreement import Range
from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import member_lines
from seqprobe.figures.member_statistics import Array, drawable, finite_members, lines_note, median, points_note
from seqprobe.figures.panels import panel_size, panels
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.style import OKABE_ITO, REFERENCE_DASHES, SHADE, figure, heading, level_lines, note, scale, span

WIDTH = 0.24
"""Half the width of a bar, where a category is 1 wide."""
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
        mark_unanswered(axes, positions, members)
        axes.set(xlabel=position_label, ylabel=metric)
        add_legend(axes, 0.8 * width / min(len(scores), 3))
    heading(drawing, title)
    note(drawing, lines_note(*count))
    return drawing


def scores_by_label(
    labels: Sequence[str],
    scores: Mapping[str, Array],
    references: Mapping[str, Mapping[str, Array]],
    title: str,
    varied: str = "",
    inside: Sequence[bool] = (),
) -> Figure:
    """Draw every metric at each of the probed values, which have no order: a point per member, a bar for the median.

    Args:
        labels: V names of the probed values.
        scores: metric name to ``(seeds, V)``.
        references: for some metrics, named levels ``(V,)``.
        title: what was trained on what, and what is varied.
        varied: what the values are of.
        inside: whether training had each value; empty: not known.
    """
    drawing = figure(*panel_size(len(scores)))
    places, count = np.arange(len(labels)), (0, 0)
    for axes, (metric, values) in zip(panels(drawing, len(scores)), scores.items(), strict=True):
        for place in np.flatnonzero(np.array(inside, dtype=bool)):
            axes.axvspan(place - 0.5, place + 0.5, color=SHADE, linewidth=0, zorder=0.5, label=trained_label(axes))
        members = finite_members(values)
        count = len(values), len(members)
        spread = np.linspace(-WIDTH / 2, WIDTH / 2, len(members)) if len(members) > 1 else np.zeros(1)
        for member, offset in zip(members, spread, strict=False):
            axes.plot(places + offset, member, linestyle="", marker="o", markersize=4, alpha=0.5, color=OKABE_ITO[0])
        axes.hlines(median(members), places - WIDTH, places + WIDTH, OKABE_ITO[0], linewidth=2.4, label="_median")
        level_bars(axes, places, references.get(metric, {}))
        drawn = np.concatenate([members.ravel(), *references.get(metric, {}).values()])
        axes.set(xlabel=varied, ylabel=metric, ylim=score_limits(drawn), xlim=(-0.6, len(labels) - 0.4))
        mark_unanswered(axes, places, members)
        axes.set_xticks(places, labels)
        add_legend(axes, 3.4)
    heading(drawing, title)
    note(drawing, points_note(*count))
    return drawing


def trained_label(axes: Axes) -> str:
    """A name for the shaded area in the legend, once."""
    return "_trained" if "trained" in axes.get_legend_handles_labels()[1] else "trained"


def level_bars(axes: Axes, places: Array, levels: Mapping[str, Array]) -> None:
    """Labelled dashed bars at named levels ``(n,)``, which need not be the same at all ``places (n,)``."""
    for dashes, (name, level) in zip(itertools.cycle(REFERENCE_DASHES), levels.items(), strict=False):
        ends = places - 1.4 * WIDTH, places + 1.4 * WIDTH
        axes.hlines(drawable(level), *ends, "0.35", linewidth=1.3, linestyles=dashes, label=name)


def mark_unanswered(axes: Axes, positions: Array, members: Array) -> None:
    """Crosses on the horizontal axis where none of the ``members (seeds, n)`` has a score."""
    missing = np.isnan(members).all(0) if len(members) else np.zeros(len(positions), bool)
    if missing.any():
        marks: dict[str, Any] = {"linestyle": "", "marker": "x", "color": "0.35", "markeredgewidth": 1.6}
        bottom = np.full(int(missing.sum()), 0.03)
        axes.plot(positions[missing], bottom, transform=axes.get_xaxis_transform(), label="no answer", **marks)
