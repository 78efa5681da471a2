"""The pieces of an SVG chart, as text; plots are drawn in tenths of a pixel, so that whole numbers are fine enough."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from seqprobe.figures.member_statistics import Array

FINENESS = 10
"""Units in a pixel."""
FAR = 4000
"""Pixels outside a plot at which what is further away is drawn; it is cut off anyway."""
TOLERANCE = 0.35
"""Pixels by which a simplified line may differ from its points."""
SHAPES = (
    "M-35 0a35 35 0 1 0 70 0a35 35 0 1 0-70 0z",
    "M-31-31h62v62h-62z",
    "M0-40l38 68h-76z",
    "M0-42l42 42-42 42-42-42z",
    "M0 40l38-68h-76z",
    "M-14-40h28v26h26v28h-26v26h-28v-26h-26v-28h26z",
    "M-40-20l20-20 20 20 20-20 20 20-20 20 20 20-20 20-20-20-20 20-20-20 20-20z",
    "M-40 0l68-38v76z",
)
"""Those of `seqprobe.figures.series_styles.MARKERS`: no mark needs its colour to be known."""


def text(x: float, y: float, words: str, style: str = "") -> str:
    """A line of text at a place in pixels."""
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.4g}" y="{y:.4g}">{escape(words, quote=False)}</text>'


def group(style: str, elements: Sequence[str]) -> str:
    """Elements that share a style."""
    return f'<g class="{style}">{"".join(elements)}</g>' if elements else ""


def width_of(words: str, size: float = 11.0) -> float:
    """About how wide a line of text is, in pixels."""
    return 0.58 * size * len(words)


def shortened(words: str, width: float, size: float = 11.0) -> str:
    """Text that is about as wide as ``width`` at most."""
    most = max(4, int(width / (0.58 * size)))
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def path(x: Array, y: Array, style: str, title: str = "") -> str:
    """A line through points ``(n,)`` in pixels, interrupted where one of them is NaN."""
    data = "".join(line_data(simplified(*piece)) for piece in pieces(x, y))
    return element("path", style, f'd="{data}"', title) if data else ""


def band(x: Array, low: Array, high: Array, style: str) -> str:
    """The area between two lines through points ``(n,)`` in pixels."""
    data = ""
    for at, both in pieces(x, np.stack([low, high], -1)):
        bottom, top = simplified(at, both[:, 0]), simplified(at, both[:, 1])
        data += line_data(np.concatenate([bottom, top[::-1]])) + "z"
    return element("path", style, f'd="{data}"') if data else ""


def mark(x: float, y: float, style: str, index: int, title: str = "") -> str:
    """The shape of a style at a point in pixels, with what it shows when it is pointed at."""
    if not (np.isfinite(x) and np.isfinite(y)):
        return ""
    return element("use", style, f'href="#mark{index}" x="{units(x)}" y="{units(y)}"', title)


def mark_shapes() -> str:
    """The shapes that `mark` refers to: every page and file with charts has them once."""
    shapes = "".join(f'<path id="mark{index}" d="{data}"/>' for index, data in enumerate(SHAPES))
    return f"<defs>{shapes}</defs>"


def element(name: str, style: str, attributes: str, title: str = "") -> str:
    """An element, with a title that browsers show when it is pointed at."""
    inside = f"<title>{escape(title, quote=False)}</title></{name}>" if title else ""
    return f'<{name} class="{style}" {attributes}{">" + inside if inside else "/>"}'


def pieces(x: Array, y: Array) -> Sequence[tuple[Array, Array]]:
    """The parts of a line ``(n,)``, or of several at the same places ``(n, k)``, in which no value is NaN."""
    finite = np.isfinite(x) & np.isfinite(y).reshape(len(y), -1).all(1)
    starts = np.flatnonzero(np.diff(finite.astype(int), prepend=0) == 1)
    ends = np.flatnonzero(np.diff(finite.astype(int), append=0) == -1) + 1
    return [(x[start:end], y[start:end]) for start, end in zip(starts, ends, strict=True)]


def line_data(points: Array) -> str:
    """The commands of a path through points ``(n, 2)`` in pixels, by steps from each to the next."""
    grid = np.round(points * FINENESS).astype(int)
    steps = np.diff(grid, axis=0).tolist()
    moves = " ".join(f"{across} {down}" for across, down in steps).replace(" -", "-")
    return f"M{grid[0, 0]} {grid[0, 1]}" + (f"l{moves}" if moves else "h0")


def simplified(x: Array, y: Array) -> Array:
    """The points ``(m, 2)`` of a line that it needs to look the same (Douglas and Peucker, 1973)."""
    points = np.clip(np.stack([x, y], -1).astype(float), -FAR, FAR)
    kept = np.zeros(len(points), bool)
    kept[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        inner, (dx, dy) = points[first + 1 : last] - points[first], points[last] - points[first]
        length = np.hypot(dx, dy)
        away = np.abs(inner[:, 0] * dy - inner[:, 1] * dx) / length if length else np.hypot(*inner.T)
        furthest = int(away.argmax())
        if away[furthest] > TOLERANCE:
            middle = first + 1 + furthest
            kept[middle] = True
            spans += [(first, middle), (middle, last)]
    return np.asarray(points[kept])


def units(pixels: float) -> int:
    """Tenths of pixels."""
    return round(float(np.clip(pixels, -FAR, FAR)) * FINENESS)
