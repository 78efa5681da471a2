"""The inverse of a wavy function: a reader should see where f is ambiguous, and which z is predicted there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import thin_lines
from seqprobe.figures.member_statistics import Array, finite_members, median, reading
from seqprobe.figures.panels import panels
from seqprobe.figures.remembering_axes import add_panel
from seqprobe.figures.style import OKABE_ITO, dress, figure, frame, heading, note, scale

FIRST = "first input f(z)"


def inverse_grid(z: Array, values: Array, predictions: Array, ideal: Array, names: Sequence[str], title: str) -> Figure:
    """Draw answers to noise-free questions over the function itself, one panel per number of inputs.

    Args:
        z: ``(n,)`` the true answers, in order.
        values: ``(n,)`` f(z), which lies on the horizontal axis as in post 1.
        predictions: ``(S, V, n)``.
        ideal: ``(V, n)`` the best possible answers, to the noise that was trained with.
        names: V panels' names.
        title: what was trained.
    """
    count = len(names)
    drawing, members = figure({1: 6.4, 2: 9.5}.get(count, 12.5), 6.0), finite_members(predictions)
    for index, axes in enumerate(panels(drawing, count)):
        thin_lines(axes, values, members[:, index], OKABE_ITO[4], linewidth=0.8, alpha=0.5)
        axes.plot(values, ideal[index], color="0.35", linewidth=1.2, linestyle=(0, (4, 2)), label="best possible")
        axes.plot(values, z, color="black", linewidth=1.5, label="truth")
        (line,) = axes.plot(values, median(members[:, index]), color=OKABE_ITO[1], linestyle=(0, (0.1, 1.7)))
        line.set(linewidth=2.8, dash_capstyle="round", label="prediction", zorder=4)
        frame(axes, z, members[:, index])
        axes.set(xlabel=f"{FIRST}, of {names[index]}", ylabel="z")
        if index == 0:
            add_legend(axes, 5.0 if count == 1 else 3.4)
    heading(drawing, title)
    legend = reading(len(predictions), len(members)).replace("band", "thin")
    note(drawing, f"{legend} · inputs without noise; best possible: the posterior mean for the training noise")
    return drawing


def information(
    z: Array,
    wide: Array,
    values: Array,
    chosen: float,
    seen: Array,
    distances: Sequence[Array],
    floors: Array,
    title: str,
) -> Figure:
    """Draw how well the inputs determine z: the function, one sequence, distances between sequences, and the floor.

    Args:
        z: ``(n,)`` grid over the targets; distances are between its points.
        wide: ``(m,)`` grid of the function's arguments.
        values: ``(m,)`` f at ``wide``.
        chosen: one z, whose question is shown.
        seen: ``(k,)`` its noisy inputs.
        distances: ``(n, n)`` Euclidean distances between questions of one input, and of more.
        floors: ``(L,)`` least possible root mean squared error of z from 1, 2 … L inputs.
        title: the task.
    """
    drawing = figure(12.5, 9.2)
    halves: Any = drawing.subfigures(2, 1)
    upper, lower = halves
    function, question, floor = (add_panel(upper, 1, 3, place) for place in (1, 2, 3))
    for axes in (function, question, floor):
        dress(axes)
    _function(function, wide, values)
    _question(question, wide, values, chosen, seen)
    counts = np.arange(1, len(floors) + 1)
    floor.plot(counts, floors, "o-", color=OKABE_ITO[0])
    scale(floor, y="log")
    floor.set(xlabel="inputs", ylabel="least possible error of z", xticks=counts, title="more inputs tell more")
    largest = max(float(matrix.max()) for matrix in distances)
    for index, (matrix, inputs) in enumerate(zip(distances, ("one input", f"{len(seen)} inputs"), strict=True)):
        _distances(add_panel(lower, 1, 2, index + 1), z, matrix, inputs, largest)
    for axes in drawing.axes:
        axes.title.set_fontsize(10)
    heading(drawing, title)
    note(drawing, "white off the diagonal: different z with almost the same question")
    return drawing


def ambiguity(wide: Array, values: Array, title: str) -> Figure:
    """Draw the function and a value that it takes often; see `information`."""
    drawing = figure(5.6, 5.2)
    axes = drawing.add_subplot()
    dress(axes)
    _function(axes, wide, values)
    heading(drawing, title)
    return drawing


def noisy_inputs(wide: Array, values: Array, chosen: float, seen: Array, title: str) -> Figure:
    """Draw the noisy inputs of one z on the function; see `information`."""
    drawing = figure(5.6, 5.2)
    axes = drawing.add_subplot()
    dress(axes)
    _question(axes, wide, values, chosen, seen)
    heading(drawing, title)
    return drawing


def question_distances(z: Array, matrix: Array, inputs: str, title: str) -> Figure:
    """Draw how far the questions of any two z are from each other; see `information`."""
    drawing = figure(6.2, 5.4)
    _distances(drawing.add_subplot(), z, matrix, inputs, float(matrix.max()))
    heading(drawing, title)
    note(drawing, "white off the diagonal: different z with almost the same question")
    return drawing


def _distances(axes: Axes, z: Array, matrix: Array, inputs: str, largest: float) -> None:
    image = axes.imshow(matrix, extent=(z[0], z[-1], z[0], z[-1]), origin="lower", cmap="Greys", vmin=0, vmax=largest)
    axes.set(xlabel="z", ylabel="another z", title=f"distance between questions of {inputs}")
    axes.figure.colorbar(image, ax=axes, pad=0.02).ax.tick_params(labelsize=8)


def _function(axes: Axes, wide: Array, values: Array) -> None:
    """The function, and a value that it takes as often as any."""
    axes.plot(values, wide, color="black", linewidth=1.4)
    levels = np.linspace(values.min(), values.max(), 50)
    often = [len(np.flatnonzero(np.diff(np.sign(values - level)))) for level in levels]
    most = np.flatnonzero(np.array(often) == max(often))
    at = float(levels[most[len(most) // 2]])
    axes.axvline(at, color=OKABE_ITO[1], linewidth=1.4)
    crossings = np.flatnonzero(np.diff(np.sign(values - at)))
    axes.plot(np.full(len(crossings), at), wide[crossings], "o", color=OKABE_ITO[1], markersize=5)
    axes.set(xlabel="f(z)", ylabel="z", title=f"one value, {len(crossings)} answers")


def _question(axes: Axes, wide: Array, values: Array, chosen: float, seen: Array) -> None:
    axes.plot(values, wide, color="black", linewidth=1.4)
    axes.axhline(chosen, color=OKABE_ITO[1], linestyle=":", linewidth=1.4)
    for k, value in enumerate(seen):
        axes.plot(value, chosen - k, "o", color=OKABE_ITO[0], markersize=6)
        number = axes.annotate(f"{k + 1}", (value, chosen - k), (8, 4), textcoords="offset points", color=OKABE_ITO[0])
        number.set_bbox({"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.8})
    axes.set(xlabel="input", ylabel="z", title=f"z = {chosen:g} and what is seen of it")
