"""Frames of one figure as a GIF: a reader should see only what changes move, on axes that stand still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from seqprobe.figures.remembering_axes import remembered_ticks

FRAME_MS, LAST_MS = 160, 2500
COLORS = 64


def looping_gif(
    drawing: Figure, moving: Sequence[Artist], show: Callable[[int], None], count: int, above: Sequence[Artist] = ()
) -> bytes:
    """Draw ``count`` frames, where ``show(k)`` changes the ``moving`` artists and all else is drawn once.

    Args:
        above: artists that stand still, and cover moving ones.
    """
    canvas: Any = FigureCanvasAgg(drawing)  # matplotlib leaves its canvas untyped
    show(0)
    for artist in (*moving, *above):
        artist.set_animated(True)
    with remembered_ticks(drawing):
        canvas.draw()
    still, images = canvas.copy_from_bbox(drawing.bbox), list[Image.Image]()
    cover = cover_of(drawing, canvas, above) if above else None
    for k in range(count):
        canvas.restore_region(still)
        show(k)
        for artist in moving:
            drawing.draw_artist(artist)
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())
        if cover is not None:
            image.paste(cover, mask=cover)
        images.append(image)
    return encode(images)


def cover_of(drawing: Figure, canvas: Any, artists: Sequence[Artist]) -> Image.Image:
    """Artists of a figure as a picture that is transparent elsewhere."""
    canvas.renderer.clear()
    for artist in artists:
        drawing.draw_artist(artist)
    return Image.fromarray(np.asarray(canvas.buffer_rgba()).copy())


def encode(images: Sequence[Image.Image]) -> bytes:
    """One palette for all frames, so that what stands still costs nothing; the last frame is held."""
    palette = Image.new("P", (1, 1))
    palette.putpalette(frequent_colors([images[0], images[len(images) // 2], images[-1]]))
    frames = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return buffer.getvalue()


def frequent_colors(images: Sequence[Image.Image]) -> bytes:
    """The commonest colours, all different, as RGB bytes.

    Plots are flat areas and lines; palettes made for photographs tint their white paper and grey grid.
    """
    pixels = np.concatenate([np.asarray(image, dtype=np.uint32).reshape(-1, 3) for image in images])
    packed, counts = np.unique(pixels @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32), return_counts=True)
    ranked = packed[np.argsort(-counts)]
    colors = np.stack([ranked >> 16, ranked >> 8 & 255, ranked & 255], axis=-1).astype(np.uint8)
    _, first_alike = np.unique(colors // 8, axis=0, return_index=True)
    return colors[np.sort(first_alike)[:COLORS]].tobytes()
