"""Several populations on one scale: a reader should see which needs fewer examples, and which remembers for longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_statistics import Array, extremes, median
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.series_styles import SeriesStyle, series_styles
from seqprobe.figures.style import dress, figure, heading, note, reference_lines, scale
from seqprobe.scoring import level_label

Curves = Mapping[str, tuple[Array, Array]]
"""A network's name to examples in thousands ``(n,)`` and errors ``(S, n)``."""


def convergence(panels: Mapping[str, Curves], levels: Sequence[float], floor: float, title: str) -> Figure:
    """Draw the least test error so far against examples seen, for several networks.

    Args:
        panels: a panel's heading to its curves, mean squared errors.
        levels: errors to which examples are counted.
        floor: the least possible error.
        title: what was trained.
    """
    drawing = figure(6.6 * len(panels), 6.2)
    first, medians = None, [median(best_so_far(errors)) for curves in panels.values() for _, errors in curves.values()]
    shown = np.concatenate([*medians, levels, [floor]])  # a seed that diverges leaves the frame
    for index, (name, curves) in enumerate(panels.items()):
        axes = first = drawing.add_subplot(1, len(panels), index + 1, sharey=first, sharex=first)
        dress(axes)
        styles = series_styles(list(curves))
        for label, (examples, errors) in curves.items():
            _band(axes, examples, errors, styles[label], label)
        for level in levels:
            axes.axhline(level, color="0.7", linewidth=0.9, linestyle=":", zorder=1)
        reference_lines(axes, {level_label("floor"): floor})
        axes.set_xlabel(f"training examples seen, in thousands\n{name}")
        axes.set_ylim(*score_limits(shown, "log"))
        scale(axes, "log", "log")
        if index == 0:
            axes.set_ylabel("least test mean squared error so far")
        add_legend(axes, 5.6)
    heading(drawing, title)
    counts = sorted({len(errors) for curves in panels.values() for _, errors in curves.values()})
    note(
        drawing,
        f"lines: median of {' or '.join(map(str, counts))} seeds · bands: seeds that did not diverge · "
        f"dotted: the levels {', '.join(f'{level:g}' for level in levels)}",
    )
    return drawing


def best_so_far(errors: Array) -> Array:
    """The least finite error up to each point, ``(S, n)``; inf before there is one."""
    return np.asarray(np.minimum.accumulate(np.where(np.isfinite(errors), errors, np.inf), 1))


def _band(axes: Axes, examples: Array, errors: Array, style: SeriesStyle, label: str) -> None:
    """The median over all seeds, and a band of those that did not diverge, whose errors end as NaN."""
    is_finite, best = np.isfinite(errors[:, -1]), best_so_far(errors)
    low, high = extremes(best[is_finite]) if is_finite.any() else (median(best), median(best))
    axes.fill_between(examples, low, high, color=style.color, alpha=0.14, linewidth=0)
    diverged = f", {(~is_finite).sum()} diverged" if not is_finite.all() else ""
    axes.plot(examples, median(best), color=style.color, linestyle=style.dashes, linewidth=1.8, label=label + diverged)


def recall_map(
    lags: Sequence[int], biases: Sequence[float], accuracies: Array, enough: float, chance: float, title: str
) -> Figure:
    """Draw how many seeds recall the symbol over each lag, for each forget bias.

    Args:
        lags: L steps.
        biases: B initial biases of the forget gates.
        accuracies: ``(B, L, S)``.
        enough: the accuracy that counts as remembering.
        chance: the accuracy of guessing.
        title: what was trained.
    """
    drawing = figure(8.5, 2.0 + 0.8 * len(biases))
    axes = drawing.add_subplot()
    reached, medians = (accuracies >= enough).sum(-1), np.median(accuracies, -1)
    image = axes.imshow(medians, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    seeds = accuracies.shape[-1]
    for (row, column), count in np.ndenumerate(reached):
        color = "black" if medians[row, column] > 0.6 else "white"
        cell = f"{count} of {seeds}\n{medians[row, column]:.2f}"
        axes.text(column, row, cell, ha="center", va="center", color=color, fontsize=10)
    axes.set_xticks(range(len(lags)), [str(lag) for lag in lags])
    axes.set_yticks(range(len(biases)), [f"{bias:g}" for bias in biases])
    axes.set(xlabel="lag in steps", ylabel="forget bias at the start")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    drawing.colorbar(image, ax=axes, pad=0.02).set_label("median accuracy", fontsize=9)
    heading(drawing, title)
    note(
        drawing, f"above: seeds that reach an accuracy of {enough:g} · below: median accuracy · chance is {chance:.2g}"
    )
    return drawing
