"""One step of an LSTM at one word: a reader should see which features a gate lets through, and what comes of it.

The word is marked in its sentence. Rows are features, named by what their units encode; a column is a gate, a candidate
or a state, and its numbers are medians over members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.member_statistics import Array, extremes, median
from seqprobe.figures.style import OKABE_ITO, dress, figure, note
from seqprobe.figures.word_by_word import GATES, SIGNED

GLYPH = 0.602
"""Width of a letter of DejaVu Sans Mono, over its size."""
CELL = 0.55
"""A gate or the size of a state from which its number is written in white or black, whichever is readable."""


def gate_step(
    words: Sequence[str],
    at: int,
    features: Sequence[str],
    columns: Mapping[str, Array],
    expected: Mapping[str, tuple[Sequence[str], Array]],
    title: str,
    reading: str,
) -> Figure:
    """Draw what happens at a word.

    Args:
        words: of the sentence.
        at: the index of the word that is read.
        features: F names, of the rows.
        columns: a gate's or state's name to ``(S, F)``; names that end in ``gate`` are of values in 0 … 1.
        expected: a heading to K words and their probabilities ``(S, K)``: what is expected next.
        title: the phase.
        reading: what is to be seen, in a sentence.
    """
    drawing = figure(11.5, 1.75 + 0.42 * max(len(features), 4))
    grid = drawing.add_gridspec(1, 1 + len(expected), width_ratios=[0.9 * len(columns) + 0.9, *[1.5] * len(expected)])
    _draw_columns(drawing.add_subplot(grid[0]), features, columns)
    for index, (heading, (next_words, values)) in enumerate(expected.items()):
        _draw_expected(drawing.add_subplot(grid[index + 1]), heading, next_words, values)
    drawing.suptitle(
        f"{title}, at “{words[at]}”\n \n ", x=0.01, ha="left", fontsize=11.5, fontweight="bold", color="0.1"
    )
    _write_sentence(drawing, words, at)
    note(drawing, reading)
    return drawing


def _write_sentence(drawing: Figure, words: Sequence[str], at: int) -> None:
    """Write the sentence below the title: what was read, the word in colour, and in grey what comes later."""
    offset, size = 0.0, 10.0
    for index, word in enumerate(words):
        color = "0.15" if index < at else OKABE_ITO[1] if index == at else "0.65"
        drawing.text(
            0.01 + offset / (72 * drawing.get_figwidth()),
            1 - 0.47 / drawing.get_figheight(),
            word,
            family="DejaVu Sans Mono",
            fontsize=size,
            color=color,
            fontweight="bold" if index == at else "normal",
            va="center",
        )
        offset += GLYPH * size * (len(word) + 1)


def _draw_columns(axes: Axes, features: Sequence[str], columns: Mapping[str, Array]) -> None:
    """A field per feature and column: its median as colour and number, and below it the least and greatest member."""
    middles = np.stack([median(values) for values in columns.values()], 1)
    is_gate = np.array([name.endswith("gate") for name in columns])
    reach = max(1.0, float(np.nanmax(np.abs(middles[:, ~is_gate]), initial=0.0)))
    for gates, colors, low, high in ((True, GATES, 0.0, 1.0), (False, SIGNED, -reach, reach)):
        shown = np.where(is_gate[None] == gates, middles, np.nan)
        axes.imshow(np.ma.masked_invalid(shown), cmap=colors, vmin=low, vmax=high, aspect="auto")
    for column, (name, values) in enumerate(columns.items()):
        least, greatest = extremes(values)
        for row, value in enumerate(middles[:, column]):
            is_light = value > CELL if name.endswith("gate") else abs(value) < CELL * reach
            text = f"{value:.2f}\n"
            color = "black" if is_light else "white"
            axes.text(column, row, text, ha="center", va="center", fontsize=10, color=color, linespacing=0.8)
            spread = f"\n{least[row]:.2f} … {greatest[row]:.2f}"
            axes.text(column, row, spread, ha="center", va="center", fontsize=7, color=color)
    axes.set_xticks(range(len(columns)), [name.replace("_", " ") for name in columns], fontsize=9)
    axes.set_yticks(range(len(features)), features, fontsize=9.5)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for edge in np.arange(0.5, len(columns) - 1):
        axes.axvline(edge, color="white", linewidth=6)


def _draw_expected(axes: Axes, heading: str, words: Sequence[str], values: Array) -> None:
    """The probabilities of next words: bars of medians, and a point for each member."""
    dress(axes)
    places, middle = np.arange(len(words)), median(values)
    axes.barh(places, middle, color="0.75", height=0.6)
    for member in values:
        axes.plot(member, places, "o", color="0.25", alpha=0.4, markersize=3, markeredgewidth=0)
    for place, value in zip(places, middle, strict=True):
        axes.annotate(f"{value:.2f}", (1.03, place), va="center", fontsize=8.5, color="0.2", annotation_clip=False)
    axes.set_yticks(places, words, fontsize=9)
    axes.set(xlim=(0, 1), ylim=(len(words) - 0.4, -0.6), xticks=(0, 0.5, 1))
    axes.set_title(heading, fontsize=9, loc="left")
