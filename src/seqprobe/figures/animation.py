"""How a fit came about: a reader should see which parts of the truth were learned first, and how smoothly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqprobe.figures.agreement import identity, scatter
from seqprobe.figures.curve_predictions import true_curves
from seqprobe.figures.gif import looping_gif
from seqprobe.figures.legend import add_legend
from seqprobe.figures.member_lines import band, move_band
from seqprobe.figures.member_statistics import Array, drawable, finite_members, members_note, reading
from seqprobe.figures.panels import panels
from seqprobe.figures.style import figure, frame, heading, named_colors, note

POINTS = 400
"""Examples times members in a panel; more of them make a larger GIF that shows no more."""


def sequence_animation(
    x: Array, x_label: str, truth: Array, frames: Array, steps: Array, output_names: Sequence[str], title: str
) -> bytes:
    """Animate `sequence_fit` over training, as a looping GIF.

    Args:
        x: ``(T,)`` positions of the steps.
        x_label: what x is, with its unit.
        truth: ``(n, T, F)``.
        frames: ``(K, S, n, T, F)`` predictions.
        steps: ``(K,)`` updates after which the frames were taken.
        output_names: F names with units.
        title: what was trained.
    """
    drawing, shown = figure(*_size(len(output_names))), drawable(frames)
    colors, moving = named_colors(len(truth)), []
    for feature, axes in enumerate(panels(drawing, len(output_names))):
        true_curves(axes, x, truth[..., feature], colors, ["_truth"] * len(truth))
        bands = [band(axes, x, shown[-1, :, i, :, feature], color) for i, color in enumerate(colors)]
        moving += [(drawn, i, feature) for i, drawn in enumerate(bands)]
        frame(axes, truth[..., feature], np.moveaxis(shown[..., feature], 1, 0))
        axes.set(xlabel=x_label, ylabel=output_names[feature])
    head = heading(drawing, title)
    wrapped = head.get_text()

    def show(k: int) -> None:
        head.set_text(at_step(wrapped, steps, k))
        for drawn, i, feature in moving:
            move_band(*drawn, x, shown[k, :, i, :, feature])

    note(drawing, reading(frames.shape[1], len(finite_members(frames[-1]))))
    artists = [artist for drawn, _, _ in moving for artist in drawn if artist is not None]
    return looping_gif(drawing, [head, *artists], show, len(steps))


def vector_animation(truth: Array, frames: Array, steps: Array, output_names: Sequence[str], title: str) -> bytes:
    """Animate `vector_fit` over training, as a looping GIF.

    Args:
        truth: ``(S, n, K)``; members may have been given different examples.
        frames: ``(frames, S, n, K)`` predictions.
        steps: ``(frames,)`` updates after which the frames were taken.
        output_names: K names with units.
        title: what was trained.
    """
    few = max(1, POINTS // len(truth))
    drawing, truth, shown = figure(*_size(len(output_names))), truth[:, :few], drawable(frames[:, :, :few])
    moving = []
    for output, axes in enumerate(panels(drawing, len(output_names))):
        identity(axes, truth[..., output], output_names[output])
        moving.append(scatter(axes, truth[..., output], shown[-1, ..., output]))
        frame(axes, truth[..., output], np.moveaxis(shown[..., output], 1, 0))
        add_legend(axes, 2.5)
    head = heading(drawing, title)
    wrapped = head.get_text()

    def show(k: int) -> None:
        head.set_text(at_step(wrapped, steps, k))
        for output, points in enumerate(moving):
            points.set_ydata(shown[k, ..., output].ravel())

    note(drawing, f"points: each example of {members_note(len(truth), len(finite_members(frames[-1])))}")
    return looping_gif(drawing, [head, *moving], show, len(steps))


def at_step(title: str, steps: Array, k: int) -> str:
    """The title of frame ``k``."""
    return f"{title}\nupdate {steps[k]} of {steps[-1]}"


def _size(count: int) -> tuple[float, float]:
    """Inches of an animation with ``count`` panels, at most three in a row."""
    return {1: 5.82, 2: 8.0}.get(count, 10.0), 0.6 + 3.4 * -(-count // 3)
