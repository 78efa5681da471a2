"""The animation that opens README: one sine is learned, then larger ones go in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.lines import Line2D

from seqprobe.figures.gif import looping_gif
from seqprobe.figures.member_statistics import median
from seqprobe.figures.style import OKABE_ITO, dress, figure

LEARNING, HOLD = 16, 5
"""How many frames show the training, and for how many each larger sine stays."""


def opening_gif(x: np.ndarray, truth: np.ndarray, learned: np.ndarray, probed: Mapping[float, np.ndarray]) -> bytes:
    """Draw the animation.

    Args:
        x: ``(T,)``.
        truth: ``(T,)`` the sine that is learned.
        learned: ``(K, S, T)`` what comes out, at K moments of the training.
        probed: by their amplitudes, what comes out for larger sines after it, ``(S, T)``.
    """
    drawing = figure(7.0, 3.8)
    axes = drawing.add_subplot()
    dress(axes)
    (inputs,) = axes.plot(x, truth, color="0.1", linewidth=1.6, label="goes in")
    (outputs,) = axes.plot(x, truth, color=OKABE_ITO[1], linewidth=3.2, linestyle=(0, (0.1, 1.7)), label="comes out")
    outputs.set_dash_capstyle("round")
    axes.set(xlim=(0, 1), ylim=(-0.1, 2.1), xlabel="x", ylabel="y")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=2, frameon=False, fontsize=10)
    head = drawing.suptitle(" ", x=0.02, ha="left", fontsize=13, fontweight="bold", color="0.1")
    scenes = [scene for frame in thinned(learned) for scene in [("learning one sine", truth, frame)]]
    for amplitude, frame in probed.items():
        title = f"then a sine with a = {amplitude:g} goes in" + (": it saturates" if amplitude == max(probed) else "")
        scenes += [(title, amplitude * (1 + np.sin(10 * x)), frame)] * HOLD

    def show(k: int) -> None:
        title, curve, members = scenes[k]
        head.set_text(title)
        inputs.set_ydata(curve)
        outputs.set_ydata(median(members))

    moving: list[Line2D] = [inputs, outputs]
    return looping_gif(drawing, [head, *moving], show, len(scenes))


def thinned(frames: np.ndarray) -> np.ndarray:
    """At most ``LEARNING`` of the frames, the first and the last among them; the last is held."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, LEARNING).round().astype(int))
    return frames[[*chosen, *[len(frames) - 1] * HOLD]]
