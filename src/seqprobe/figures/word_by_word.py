"""Inside a network, word by word: a reader should see what can be read from its state, and which gates act on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import member_lines
from seqprobe.figures.member_statistics import Array, finite_members, lines_note, median
from seqprobe.figures.remembering_axes import add_panel
from seqprobe.figures.score_axis import score_limits
from seqprobe.figures.style import OKABE_ITO, dress, figure, heading, note

GATES, SIGNED = "cividis", "PuOr_r"
"""Colours of values in 0 … 1, and of signed ones."""

PHASES = {
    "input phase": ("input_gate", "candidate"),
    "forget phase": ("forget_gate", "cell"),
    "output phase": ("output_gate", "hidden"),
}
"""The phases of an LSTM's step, with what the post shows of each."""


def phases(words: Sequence[str], values: Mapping[str, Array], units: int, carrier: int | None, title: str) -> Figure:
    """Draw every gate, candidate and state of one member at each word, a row of panels per phase.

    Args:
        words: T words that were read.
        values: name to ``(T, units)``.
        units: how many units to show: the ``carrier``, then those whose state varies most.
        carrier: the unit that carries the country, or None.
        title: what was trained.
    """
    state = values.get("cell", values["hidden"])
    order = [int(unit) for unit in np.argsort(-state.var(0)) if unit != carrier]
    chosen = ([] if carrier is None else [carrier]) + order
    chosen = chosen[: min(units, state.shape[1])]
    rows = _rows(values)
    columns = max(len(names) for names in rows.values())
    drawing = figure(7.2 * columns + 0.6, len(rows) * (1.3 + 0.26 * len(chosen)) + 0.9)
    for row, (phase, names) in enumerate(rows.items()):
        for column, name in enumerate(names):
            axes = drawing.add_subplot(len(rows), columns, row * columns + column + 1)
            _units(drawing, axes, words, values[name][:, chosen].T, name)
            marked = [f"unit {unit}" + (" (country)" if unit == carrier else "") for unit in chosen]
            axes.set_yticks(range(len(chosen)), marked if column == 0 else [])
            axes.set_title(f"{phase}: {name.replace('_', ' ')}", loc="left", fontsize=10)
    heading(drawing, title)
    kind = "cell" if "cell" in values else "hidden state"
    note(drawing, f"the first finite seed · the {len(chosen)} units whose {kind} varies most over the sentence")
    return drawing


def concepts(
    words: Sequence[str],
    names: Sequence[str],
    decided: Sequence[int],
    trained: Array,
    untrained: Array,
    chance: Array,
    shown: Array,
    title: str,
) -> Figure:
    """Draw how well linear probes read each concept at each word, before and after training, and what they read.

    Args:
        words: T words of the sentence that is shown; probed sentences have the same shape.
        names: C concepts.
        decided: the word that decides each concept.
        trained, untrained: ``(S, C, T)`` accuracies of the probes.
        chance: ``(C,)`` accuracy of the commoner answer.
        shown: ``(S, C, T)`` what the trained networks' probes read of ``words``: 0 it does not hold, 1 it does.
        title: what was trained.
    """
    drawing = figure(14.0, 8.6)
    halves: Any = drawing.subfigures(2, 1, height_ratios=(1.35, 1.0))
    upper, lower = halves
    members, controls = finite_members(trained), finite_members(untrained)
    places = np.arange(len(words))
    for index, name in enumerate(names):
        axes = add_panel(upper, 1, len(names), index + 1)
        dress(axes)
        axes.axvspan(decided[index] - 0.5, len(words) - 0.5, color="0.95", zorder=0)
        member_lines(axes, places, controls[:, index], OKABE_ITO[1], label="untrained")
        member_lines(axes, places, members[:, index], OKABE_ITO[0], label="trained")
        axes.axhline(chance[index], color="0.35", linestyle=(0, (4, 2)), linewidth=1.1, label="commoner answer")
        axes.set_xticks(places, words, rotation=90, fontsize=8)
        axes.set(ylim=score_limits(np.append(members, controls)), xlabel=name)
        if index == 0:
            axes.set_ylabel("accuracy of a linear probe")
            add_legend(axes, 3.0)
    axes = add_panel(lower)
    read = median(finite_members(shown)).clip(0, 1)
    image = axes.imshow(read, cmap=GATES, vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(read):
        color = "black" if value > 0.6 else "white"
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=8.5, color=color)
    axes.set_xticks(places, words, fontsize=9)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    lower.colorbar(image, ax=axes, pad=0.01).set_label("read from the state", fontsize=9)
    heading(drawing, title)
    note(
        drawing,
        f"above — {lines_note(len(trained), len(members))}; shaded: the concept is decided\n"
        "below — what the median seed's probes read after each word",
    )
    return drawing


def _rows(values: Mapping[str, Array]) -> dict[str, list[str]]:
    """Panels by phase, for an LSTM; for other cells their gates, and then their states."""
    if all(name in values for names in PHASES.values() for name in names):
        return {phase: list(names) for phase, names in PHASES.items()}
    gates = [name for name in values if name.endswith("gate")]
    others = [name for name in values if name not in gates]
    return {phase: names for phase, names in (("gates", gates), ("states", others)) if names}


def _units(drawing: Figure, axes: Axes, words: Sequence[str], values: Array, name: str) -> None:
    """A field of ``(units, T)`` values."""
    gate = name.endswith("gate")
    largest = 1.0 if gate else float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    image = axes.imshow(
        values,
        cmap=GATES if gate else SIGNED,
        vmin=0.0 if gate else -largest,
        vmax=largest,
        aspect="auto",
    )
    axes.set_xticks(range(len(words)), words, rotation=40, ha="right", rotation_mode="anchor", fontsize=9)
    axes.tick_params(length=0, labelsize=8.5)
    axes.spines[:].set_visible(False)
    drawing.colorbar(image, ax=axes, pad=0.01, fraction=0.03).ax.tick_params(labelsize=7.5)
