"""An image of at most 256 colours: figures are flat areas and thin lines, whose edges have thousands.

Pillow's own ways do not suit figures: its median cut takes twice as long as this and mutes the colours of thin
lines; its fast octree joins light greys and white.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

COLORS = 256
"""In the palette of an image."""
BITS = 5
"""Of each channel: colours that differ in further bits only become one."""


def with_palette(image: Image.Image) -> Image.Image:
    """An RGB image with a palette of its commonest colours, in which each other one is replaced by the nearest."""
    pixels = np.asarray(image).reshape(-1, 3)
    coarse = (pixels >> (8 - BITS)).astype(np.uint16)
    cells = (coarse[:, 0] << 2 * BITS) + (coarse[:, 1] << BITS) + coarse[:, 2]
    counts = np.bincount(cells, minlength=1 << 3 * BITS)
    used = np.flatnonzero(counts)
    sums = [np.bincount(cells, weights=pixels[:, channel], minlength=len(counts))[used] for channel in range(3)]
    means = np.stack(sums, 1) / counts[used, None]
    commonest = means[np.argsort(-counts[used], kind="stable")[:COLORS]]
    distances = ((means[:, None] - commonest) ** 2).sum(-1)
    entries = np.zeros(len(counts), dtype=np.uint8)
    entries[used] = distances.argmin(1)
    limited = Image.fromarray(entries[cells].reshape(image.height, image.width))
    limited.putpalette(commonest.round().astype(np.uint8).tobytes())
    return limited
