"""Learning curves: a reader should see whether seeds differ and whether validation follows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import thin_lines
from seqprobe.figures.member_statistics import Array, lines_note, median
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.style import OKABE_ITO, dress, figure, heading, note, reference_lines, scale


def training_curves(
    steps: Array,
    train: Array,
    val_steps: Array,
    val: Array,
    loss_label: str,
    references: Mapping[str, float],
    title: str,
) -> Figure:
    """Draw training and validation loss over updates on a log axis.

    Args:
        steps: ``(N,)`` updates at which the training loss was taken.
        train: ``(S, N)`` training loss; NaN from where a member diverged.
        val_steps: ``(M,)`` updates at which the validation loss was taken.
        val: ``(S, M)`` validation loss.
        loss_label: the loss and its unit.
        references: named loss levels to read the curves against.
        title: what was trained on what.
    """
    drawing = figure(9.5, 5.0)
    axes = drawing.add_subplot()
    dress(axes)
    if (train > 0).any() or (val > 0).any():
        axes.set_yscale("log")
    lasting = np.all(np.isfinite(train[:, -1:]), axis=1)
    _loss(axes, steps, train, lasting, OKABE_ITO[0], "-", "training loss")
    _loss(axes, val_steps, val, lasting, OKABE_ITO[1], "--", "validation loss")
    reference_lines(axes, references)
    axes.set(xlabel="updates", ylabel=loss_label)
    axes.margins(x=0.01)
    drawn = np.concatenate([train.ravel(), val.ravel(), list(references.values())])
    axes.set_ylim(*score_limits(drawn, axes.get_yscale()))
    scale(axes, y=axes.get_yscale())
    add_legend(axes, 8.5)
    heading(drawing, title)
    note(drawing, lines_note(len(train), int(lasting.sum())))
    return drawing


def _loss(axes: Axes, steps: Array, losses: Array, lasting: Array, color: str, dashes: str, label: str) -> None:
    """One thin line per member; those that diverged are drawn up to there, but stay out of the median."""
    # A single value makes no line.
    marker = "o" if len(steps) == 1 else ""
    thin_lines(axes, steps, losses, color, marker=marker)
    middle = median(losses[lasting])
    axes.plot(steps, middle, color=color, linewidth=1.9, linestyle=dashes, marker=marker, label=label, zorder=3)
