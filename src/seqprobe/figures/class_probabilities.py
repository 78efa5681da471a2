"""Class probabilities: a reader should see where the true class gets little, and which others get it instead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from seqprobe.figures.gif import looping_gif
from seqprobe.figures.member_statistics import Array, drawable, finite_members, median, median_note
from seqprobe.figures.style import figure, heading, note

MAP = "cividis"
"""Dark is little, light is much; the same to colour-blind eyes and on grey paper."""
NAMED_STEPS = 26
"""Most steps whose true class is written into its field."""


def probabilities(logits: Array) -> Array:
    """Softmax over the last axis; NaN where any of its logits is not finite."""
    finite = drawable(logits)
    shifted = np.exp(finite - finite.max(-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(-1, keepdims=True))


def of_true_class(truth: Array, logits: Array) -> Array:
    """The probability that logits ``(..., C)`` give to the classes ``truth (...)``."""
    return np.take_along_axis(probabilities(logits), np.broadcast_to(truth, logits.shape[:-1])[..., None], -1)[..., 0]


def class_sequences(truth: Array, lengths: Array, logits: Array, names: Sequence[str], title: str) -> Figure:
    """Draw, for a few sequences, how probable each step's true class was to the members.

    Args:
        truth: ``(n, T)`` classes.
        lengths: ``(n,)`` true lengths.
        logits: ``(S, n, T, C)``.
        names: C class names.
        title: what was fitted.
    """
    drawing, image = _sequence_panel(truth, lengths, names)
    members = finite_members(logits)
    image.set_data(_median_probability(truth, lengths, members))
    heading(drawing, title)
    note(drawing, f"probability given to each step's true class, {median_note(len(logits), len(members))}")
    return drawing


def class_sequences_animation(
    truth: Array, lengths: Array, frames: Array, steps: Array, names: Sequence[str], title: str
) -> bytes:
    """Animate `class_sequences` over training, as a looping GIF; ``frames (K, S, n, T, C)``, ``steps (K,)``."""
    drawing, image = _sequence_panel(truth, lengths, names)
    note(drawing, f"probability given to each step's true class, {_frames_note(frames)}")
    return _class_animation(
        drawing, image, [_median_probability(truth, lengths, frame) for frame in frames], steps, title
    )


def confusion(truth: Array, logits: Array, names: Sequence[str], title: str) -> Figure:
    """Draw how often members answered each class, by the true class.

    Args:
        truth: ``(n,)`` classes.
        logits: ``(S, n, C)``.
        names: C class names.
        title: what was fitted.
    """
    drawing, image = _confusion_panel(names)
    members = finite_members(logits)
    shares = _shares(truth, members, len(names))
    image.set_data(shares)
    axes = drawing.axes[0]
    if len(names) <= 12:
        for (row, column), share in np.ndenumerate(shares):
            color = "white" if share < 0.55 else "black"
            if share > 0:
                axes.text(column, row, f"{share:.2f}", ha="center", va="center", fontsize=8, color=color)
    heading(drawing, title)
    note(drawing, f"share of a true class's sequences, over {len(members)} of {len(logits)} seeds")
    return drawing


def confusion_animation(truth: Array, frames: Array, steps: Array, names: Sequence[str], title: str) -> bytes:
    """Animate `confusion` over training, as a looping GIF; ``frames (K, S, n, C)``, ``steps (K,)``."""
    drawing, image = _confusion_panel(names)
    note(drawing, f"share of a true class's sequences, {_frames_note(frames)}")
    return _class_animation(drawing, image, [_shares(truth, frame, len(names)) for frame in frames], steps, title)


def _sequence_panel(truth: Array, lengths: Array, names: Sequence[str]) -> tuple[Figure, AxesImage]:
    drawing = figure(11.0, 1.4 + 0.42 * len(truth))
    axes = drawing.add_subplot()
    image = _field(drawing, axes, truth.shape, "P(true class)")
    axes.set(xlabel="step", ylabel="sequence", yticks=[])
    if truth.shape[1] <= NAMED_STEPS:
        axes.set_xticks(range(truth.shape[1]), [str(step + 1) for step in range(truth.shape[1])])
        for (row, step), value in np.ndenumerate(truth):
            if step < lengths[row]:
                written = axes.text(step, row, names[value], ha="center", va="center", fontsize=7, color="black")
                written.set_bbox({"facecolor": "white", "alpha": 0.72, "linewidth": 0, "pad": 1.2})
    return drawing, image


def _confusion_panel(names: Sequence[str]) -> tuple[Figure, AxesImage]:
    size = min(9.0, 3.2 + 0.32 * len(names))
    drawing = figure(size + 1.4, size)
    axes = drawing.add_subplot()
    image = _field(drawing, axes, (len(names), len(names)), "share")
    places = range(len(names))
    axes.set(xlabel="answered", ylabel="true class")
    axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, names)
    return drawing, image


def _field(drawing: Figure, axes: Axes, shape: tuple[int, ...], label: str) -> AxesImage:
    """An empty image of values in [0, 1] with its scale."""
    image = axes.imshow(np.full(shape, np.nan), cmap=MAP, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.spines[:].set_visible(False)
    axes.tick_params(labelsize=8, length=0)
    bar = drawing.colorbar(image, ax=axes, pad=0.015, fraction=0.035)
    bar.set_label(label, fontsize=9)
    bar.ax.tick_params(labelsize=8)
    return image


def _class_animation(drawing: Figure, image: AxesImage, fields: Sequence[Array], steps: Array, title: str) -> bytes:
    head = heading(drawing, f"{title}\nupdate {steps[-1]} of {steps[-1]}")

    def show(k: int) -> None:
        head.set_text(f"{title}\nupdate {steps[k]} of {steps[-1]}")
        image.set_data(fields[k])

    return looping_gif(drawing, [head, image], show, len(steps), above=list(drawing.axes[0].texts))


def _median_probability(truth: Array, lengths: Array, logits: Array) -> Array:
    """The members' median probability of each step's true class ``(n, T)``; NaN in the padding."""
    probability = median(of_true_class(truth, logits))
    return np.where(np.arange(truth.shape[1]) < lengths[:, None], probability, np.nan)


def _shares(truth: Array, logits: Array, classes: int) -> Array:
    """How often each class was answered, by true class: ``(C, C)``, rows sum to 1; NaN where a class is not there."""
    members = finite_members(logits)
    counts = np.zeros((classes, classes))
    np.add.at(counts, (np.tile(truth, len(members)), members.argmax(-1).ravel()), 1)
    total = counts.sum(1, keepdims=True)
    return np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)


def _frames_note(frames: Array) -> str:
    return median_note(frames.shape[1], len(finite_members(frames[-1])))
