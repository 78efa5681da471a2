"""Training sequences: a reader should see inputs and targets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers
from seqprobe.figures.style import OKABE_ITO, dress, figure, heading, note

COLORS = "viridis"


def examples(x: Array, x_label: str, inputs: Array, targets: Array | None, names: Sequence[str], title: str) -> Figure:
    """Draw input sequences, coloured by the first target of each.

    Args:
        x: ``(T,)`` positions of the steps.
        x_label: what x is, with its unit.
        inputs: ``(n, T)``.
        targets: ``(n, K)`` for one vector per sequence; None where the target is a sequence, too.
        names: K names.
        title: the task.
    """
    drawing = figure(7.5, 4.8)
    axes = drawing.add_subplot()
    dress(axes)
    if targets is None:
        for row in drawable(inputs):
            axes.plot(x, row, color=OKABE_ITO[0], linewidth=1.4, alpha=0.8)
    else:
        first, numbers = drawable(targets[:, 0]), drawable_numbers(targets[:, 0])
        colors = Normalize(float(numbers.min()), float(numbers.max())) if len(numbers) else Normalize(0.0, 1.0)
        scale = ScalarMappable(colors, COLORS)
        for row, value in zip(drawable(inputs), first, strict=True):
            axes.plot(x, row, color=scale.to_rgba(np.array([value]))[0], linewidth=1.0, alpha=0.9)
        drawing.colorbar(scale, ax=axes, pad=0.02).set_label(f"{names[0]} (target)", fontsize=9)
    axes.set(xlabel=x_label, ylabel="input y")
    heading(drawing, title)
    what = f"targets: {', '.join(names)}" if targets is not None else "targets: the inputs themselves"
    note(drawing, f"{len(inputs)} of the first seed's training sequences · {what}")
    return drawing
