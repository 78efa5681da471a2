"""The look all figures share: a reader should know truth, prediction, seeds and training range at a glance."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Mapping
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullLocator
from PIL import Image

from seqprobe.figures.member_statistics import Array, drawable, drawable_numbers, median
from seqprobe.figures.remembering_axes import RememberingFigure, remembered_ticks

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colour-blind-safe colours without the yellow, which white paper swallows."""
COLORS = (*OKABE_ITO, "#7A4A00")
"""Eight colours of things without an order, such as sequences and models."""
VALUES = ("#FFB216", "#2FA9DA", "#F6131C", "#3044E7", "#710960", "#101010")
"""Six colours of ordered values. Each is darker than the one before, by 13 of CIELAB's 100 steps at least, so that grey
paper keeps the order; hues alternate, so that neighbours are also unlike each other to colour-blind eyes."""
SHADE = "0.9"
REFERENCE_DASHES = ((0, (6, 3)), (0, (6, 2, 1, 2)), (0, (2, 2)), (0, (9, 2)))


def palette(n: int) -> list[str]:
    """``n`` colours for ordered values, light to dark; up to six can be told apart by everyone."""
    if n == 1:
        return [VALUES[3]]
    if n <= len(VALUES):
        return [VALUES[round(place)] for place in np.linspace(0, len(VALUES) - (1 if n > 4 else 2), n)]
    return [to_hex(color) for color in colormaps["inferno"](np.linspace(0.82, 0.05, n))]


def named_colors(n: int) -> list[str]:
    """``n`` colours for things without an order; they repeat after eight."""
    return [COLORS[i % len(COLORS)] for i in range(n)]


def figure(width: float, height: float) -> Figure:
    """An empty figure of ``width`` by ``height`` inches."""
    return RememberingFigure(figsize=(width, height), dpi=110, layout="constrained", facecolor="white")


def dress(axes: Axes) -> None:
    """Give a panel the look: no box, a faint grid behind everything, quiet ticks."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("0.4")
    axes.grid(True, color="0.93", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", labelsize=9, color="0.4", labelcolor="0.2")


def heading(target: Figure, title: str) -> Text:
    """The figure's title, at the left where reading starts."""
    wrapped = fill(title, int(target.get_figwidth() * 9.5))
    return target.suptitle(wrapped, x=0.01, ha="left", fontsize=11.5, fontweight="bold", color="0.1")


def note(target: Figure, text: str) -> None:
    """The small line at the bottom that explains how to read the figure."""
    wrapped = "\n".join(fill(line, int(target.get_figwidth() * 15)) for line in text.splitlines())
    target.supxlabel(wrapped, x=0.01, ha="left", fontsize=8.5, color="0.35")


def scale(axes: Axes, x: str = "linear", y: str = "linear", threshold: float = 1.0) -> None:
    """Set both scales of a panel that is drawn; a logarithmic one has few ticks, with plain numbers.

    Args:
        threshold: up to where ``symlog`` along x is linear.
    """
    axes.set_xscale(x, **({"linthresh": threshold} if x == "symlog" else {}))
    axes.set_yscale(y)
    for name, axis in ((x, axes.xaxis), (y, axes.yaxis)):
        if name != "linear":
            low, high = axis.get_view_interval()
            if name == "log" and high < 100 * low:
                axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(lambda value, _: f"{value:g}")


def span(area: Callable[..., Any], line: Callable[..., Any], trained: tuple[float, float]) -> None:
    """Shade the training range with an axes' span method, or with its line method if it is a single value."""
    low, high = trained
    if len(drawable_numbers(np.array(trained))) < 2:
        return
    if low == high:
        line(low, color=SHADE, linewidth=6, zorder=0.5, label="trained")
    else:
        area(low, high, color=SHADE, linewidth=0, zorder=0.5, label="trained")


def reference_lines(axes: Axes, references: Mapping[str, float]) -> None:
    """Labelled dashed lines at named levels."""
    drawn = {name: level for name, level in references.items() if len(drawable_numbers(np.array(level)))}
    for i, (name, level) in enumerate(drawn.items()):
        dashes = REFERENCE_DASHES[i % len(REFERENCE_DASHES)]
        axes.axhline(level, color="0.35", linewidth=1.1, linestyle=dashes, label=f"{name} ({level:.2g})")


def level_lines(axes: Axes, positions: Array, levels: Mapping[str, Array]) -> None:
    """Labelled dashed lines through named levels ``(n,)`` at ``positions (n,)``."""
    order = np.argsort(positions)
    for dashes, (name, level) in zip(itertools.cycle(REFERENCE_DASHES), levels.items(), strict=False):
        axes.plot(
            drawable(positions)[order],
            drawable(level)[order],
            color="0.35",
            linewidth=1.3,
            linestyle=dashes,
            label=name,
        )


def rendered(figure: Figure) -> Image.Image:
    """A figure as a picture, without a channel for transparency: pages are white.

    `Figure.savefig` draws a figure with a layout twice, to see how large its parts are: laying it out does so already.
    """
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib leaves its canvas untyped
    with remembered_ticks(figure):
        canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def png_file(picture: Image.Image) -> bytes:
    """A picture as a PNG file: compressed quickly, which for figures costs a few percent of size."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def png(figure: Figure) -> bytes:
    """A figure as a PNG file."""
    return png_file(rendered(figure))


def frame(axes: Axes, truth: Array, members: Array) -> None:
    """Fit the y axis to truth and members ``(seeds, ...)``.

    A member further away than truth and median are large leaves the frame, or it would flatten all others.
    """
    core = drawable_numbers(np.append(truth, median(members)))
    if not len(core):
        return
    reach = max(float(np.abs(core).max()), float(np.ptp(core))) or 1.0
    shown = np.append(core, drawable_numbers(members))
    low = max(float(shown.min()), float(core.min()) - reach)
    high = min(float(shown.max()), float(core.max()) + reach)
    margin = 0.05 * (high - low or reach)
    axes.set_ylim(low - margin, high + margin)


def displayed(figure: Figure) -> Figure:
    """The figure as one that Jupyter shows: it draws figures by itself only where pyplot was imported."""
    figure._repr_png_ = lambda: png(figure)  # type: ignore[attr-defined]  # Jupyter calls it
    return figure
