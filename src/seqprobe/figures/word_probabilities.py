"""The words that members expect: a reader should see how far their probabilities are from the grammar's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import thin_lines
from seqprobe.figures.member_statistics import Array, finite_members, lines_note, median, median_note
from seqprobe.figures.panels import panels
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.style import OKABE_ITO, dress, figure, heading, note


def beliefs(questions: Sequence[str], believed: Array, ideal: Array, title: str) -> Figure:
    """Draw the probability of each question's words: a faint point per member, the median, the grammar's own.

    Args:
        questions: V texts.
        believed: ``(S, V)``.
        ideal: ``(V,)``.
        title: what was trained.
    """
    drawing = figure(11.5, 1.6 + 0.42 * len(questions))
    axes = drawing.add_subplot()
    dress(axes)
    members, places = finite_members(believed), np.arange(len(questions))[::-1]
    middle = median(members)
    for member in members:
        axes.plot(member, places, "o", color=OKABE_ITO[0], alpha=0.3, markersize=5, markeredgewidth=0, label="_seed")
    axes.plot(ideal, places, "|", color="black", markersize=15, markeredgewidth=2, label="the grammar's own")
    axes.plot(middle, places, "D", color=OKABE_ITO[0], markersize=7, markeredgecolor="white", label="median")
    for place, value in zip(places, middle, strict=True):
        if np.isfinite(value):
            axes.annotate(f"{value:.3f}", (1.04, place), va="center", fontsize=9, color="0.2", annotation_clip=False)
    axes.set_yticks(places, questions)
    axes.set(xlim=(-0.02, 1.02), xlabel="probability")
    add_legend(axes, 6.0)
    heading(drawing, title)
    note(drawing, f"right: {median_note(len(believed), len(members))}; faint points: each seed")
    return drawing


def contrasts(conditions: Sequence[str], scores: Mapping[str, Array], ideal: Mapping[str, Array], title: str) -> Figure:
    """Draw scores under a few conditions, a line per member, beside what is possible.

    Args:
        conditions: V names.
        scores: metric with its unit to ``(S, V)``.
        ideal: the same metrics' best possible values ``(V,)``.
        title: what was trained.
    """
    drawing = figure(5.0 * len(scores), 4.6)
    places, count = np.arange(len(conditions)), (0, 0)
    for axes, (metric, values) in zip(panels(drawing, len(scores)), scores.items(), strict=True):
        members = finite_members(values)
        count = len(values), len(members)
        thin_lines(axes, places, members, OKABE_ITO[0], marker="o", markersize=3)
        axes.plot(places, median(members), "D-", color=OKABE_ITO[0], linewidth=1.8, markersize=6, label="members")
        axes.plot(places, ideal[metric], "_", color="black", markersize=20, markeredgewidth=2, label="best possible")
        axes.set_xticks(places, conditions)
        axes.set(ylabel=metric, xlim=(-0.5, len(conditions) - 0.5))
        axes.set_ylim(*score_limits(np.append(members, ideal[metric])))
        add_legend(axes, 4.0)
    heading(drawing, title)
    note(drawing, lines_note(*count))
    return drawing
