"""Several populations on one scale: a reader should see which needs fewer examples, and which remembers for longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from seqprobe.figures.legend import key
from seqprobe.figures.members import Array, extent, finite_members, median
from seqprobe.figures.style import OKABE_ITO, dress, figure, heading, note, reference_lines


def convergence(curves: Mapping[str, tuple[Array, Array]], levels: Sequence[float], floor: float, title: str) -> Figure:
    """Draw test error against examples seen, for several networks.

    Args:
        curves: a network's name to examples in thousands ``(n,)`` and mean squared errors ``(S, n)``.
        levels: errors to which examples are counted.
        floor: the least possible error.
        title: what was trained.
    """
    drawing = figure(11.0, 6.0)
    axes = drawing.add_subplot()
    dress(axes)
    for index, (name, (examples, errors)) in enumerate(curves.items()):
        members, color = finite_members(errors), OKABE_ITO[index % len(OKABE_ITO)]
        low, high = extent(members)
        axes.fill_between(examples, low, high, color=color, alpha=0.15, linewidth=0)
        axes.plot(examples, median(members), color=color, linewidth=1.9, label=name)
    for level in levels:
        axes.axhline(level, color="0.75", linewidth=0.9, linestyle=":", zorder=1)
    reference_lines(axes, {"Bayes floor": floor})
    axes.set(
        xscale="log", yscale="log", xlabel="training examples seen, in thousands", ylabel="test mean squared error"
    )
    key(axes, 9.5)
    heading(drawing, title)
    counts = sorted({len(errors) for _, errors in curves.values()})
    note(drawing, f"lines: median of {' or '.join(map(str, counts))} seeds · bands: all seeds · "
                  f"dotted: the levels {', '.join(f'{level:g}' for level in levels)}")  # fmt: skip
    return drawing


def remembered(lags: Sequence[int], biases: Sequence[float], accuracies: Array, enough: float, title: str) -> Figure:
    """Draw how many seeds remember over each lag with each forget bias.

    Args:
        lags: L steps.
        biases: B values that forget gates' biases start with.
        accuracies: ``(B, L, S)``.
        enough: the accuracy that counts as remembering.
        title: what was trained.
    """
    drawing = figure(8.5, 2.0 + 0.8 * len(biases))
    axes = drawing.add_subplot()
    reached, medians = (accuracies >= enough).sum(-1), np.median(accuracies, -1)
    image = axes.imshow(medians, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    seeds = accuracies.shape[-1]
    for (row, column), count in np.ndenumerate(reached):
        color = "black" if medians[row, column] > 0.6 else "white"
        said = f"{count} of {seeds}\n{medians[row, column]:.2f}"
        axes.text(column, row, said, ha="center", va="center", color=color, fontsize=10)
    axes.set_xticks(range(len(lags)), [str(lag) for lag in lags])
    axes.set_yticks(range(len(biases)), [f"{bias:g}" for bias in biases])
    axes.set(xlabel="lag in steps", ylabel="forget bias at the start")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    drawing.colorbar(image, ax=axes, pad=0.02).set_label("median accuracy", fontsize=9)
    heading(drawing, title)
    note(drawing, f"above: seeds that reach an accuracy of {enough:g} · below: median accuracy · chance is {0.25:g}")
    return drawing
