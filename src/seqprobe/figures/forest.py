"""Every score of every model with its interval: a reader should see which intervals do not overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array
from seqprobe.figures.panels import COMPARED_ACROSS, grid_shape, heading_with_legend, shared_panels
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.series_styles import series_styles
from seqprobe.figures.style import figure, note, scale

Row = tuple[Array, float, float, float]
"""The seeds' values ``(n,)``, their median, and its interval's ends."""


def forest(
    scores: Mapping[str, Mapping[str, Row]],
    references: Mapping[str, Mapping[str, float]],
    log_scores: Sequence[str],
    title: str,
) -> Figure:
    """Draw every model's score with its interval and its seeds, a panel for each score.

    Args:
        scores: by score and model: the seeds' values ``(n,)``, their median, and its interval's ends.
        references: by score, named levels.
        log_scores: those whose axis is logarithmic.
    """
    names = list(dict.fromkeys(name for models in scores.values() for name in models))
    rows, across = grid_shape(len(scores), COMPARED_ACROSS)
    drawing = figure(max(6.4, 1.6 + 2.7 * across), 1.3 + rows * (0.75 + 0.3 * len(names)))
    grid, used = shared_panels(drawing, len(scores))
    for axes, score in zip(used, scores, strict=True):
        score_panel(axes, names, scores[score], references.get(score, {}), score in log_scores)
        axes.set_title(score, fontsize=10, loc="left")
    heading_with_legend(drawing, grid, title)
    note(drawing, "diamond: median · bar: 95 % interval of the median (below six seeds: all of them) · points: seeds")
    return drawing


def score_panel(
    axes: Axes, names: Sequence[str], rows: Mapping[str, Row], references: Mapping[str, float], may_be_log: bool
) -> None:
    """One score: a line of the panel for each model, and a vertical line for each level."""
    values = np.concatenate([*(row[0] for row in rows.values()), list(references.values())])
    for index, (name, level) in enumerate(references.items()):
        axes.axvline(level, color="0.35", linewidth=1.1, linestyle=("--", "-.", ":")[index % 3], label=name)
    for place, (name, style) in enumerate(series_styles(names).items()):
        if name in rows:
            color = style.color
            seeds, middle, low, high = rows[name]
            at = np.full(len(seeds), place)
            axes.plot(seeds, at, "o", color=color, alpha=0.35, markersize=3.5, markeredgewidth=0)
            axes.plot([low, high], [place, place], color=color, linewidth=2.2, solid_capstyle="butt")
            axes.plot(middle, place, "D", color=color, markersize=6, markeredgecolor="white")
    is_log = may_be_log and values.min() > 0 and values.max() > 10 * values.min()
    axes.set_xlim(*score_limits(values, "log" if is_log else "linear"))
    if is_log:
        scale(axes, "log")
    else:
        axes.locator_params(axis="x", nbins=4)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
