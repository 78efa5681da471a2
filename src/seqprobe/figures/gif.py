"""Frames of one figure as a GIF: a reader should see only what changes move, on axes that stand still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

FRAME_MS, LAST_MS = 160, 2500
COLORS = 64


def looping_gif(drawing: Figure, moving: Sequence[Artist], show: Callable[[int], None], count: int) -> bytes:
    """Draw ``count`` frames, where ``show(k)`` changes the ``moving`` artists and all else is drawn once."""
    canvas = FigureCanvasAgg(drawing)
    show(0)
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()  # type: ignore[no-untyped-call]
    still = canvas.copy_from_bbox(drawing.bbox)  # type: ignore[no-untyped-call]
    images = []
    for k in range(count):
        canvas.restore_region(still)  # type: ignore[no-untyped-call]
        show(k)
        for artist in moving:
            drawing.draw_artist(artist)
        images.append(Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy()))  # type: ignore[no-untyped-call]
    return encode(images)


def encode(images: Sequence[Image.Image]) -> bytes:
    """One palette for all frames, so that what stands still costs nothing; the last frame is held."""
    ends = np.concatenate([np.asarray(images[0]), np.asarray(images[-1])])
    palette = Image.fromarray(ends).quantize(COLORS, method=Image.Quantize.MAXCOVERAGE)
    frames = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return buffer.getvalue()
