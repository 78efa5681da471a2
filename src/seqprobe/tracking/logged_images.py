"""Images as `MlflowClient.log_image` would keep them, which the UI shows side by side."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence

import numpy as np
import PIL.WebPImagePlugin  # noqa: F401  without it, Pillow loads what it has for forty formats to write this one
from PIL import Image

from seqprobe.tracking.image_palette import with_palette

MAX_IMAGES = 6
"""Frames of an animation that the UI's step slider goes through."""
SMALL = 640
"""Pixels of the longer side of the copy that the UI shows in a grid: MLflow's own 256 are too few for labels."""
EFFORT = 2
"""Of WebP's encoder, up to 6: with 4, its default, it takes twice as long for 4 % less."""
IMAGES = "images/"
"""The folder of artifacts in which the UI looks for images, if the run has the tag `LOGGED_IMAGES`."""
LOGGED_IMAGES = "mlflow.loggedImages"


def step_images(name: str, gif: bytes, steps: Sequence[int]) -> dict[str, bytes]:
    """`image_files` of a few frames of an animation.

    Args:
        steps: the update that each frame shows.
    """
    files: dict[str, bytes] = {}
    with Image.open(io.BytesIO(gif)) as frames:
        if getattr(frames, "n_frames", 1) != len(steps):  # identical frames are merged, so frames no longer match steps
            return {}
        for index in np.unique(np.linspace(0, len(steps) - 1, MAX_IMAGES).round().astype(int)).tolist():
            frames.seek(index)
            files |= image_files(name, int(steps[index]), frames.convert("RGB"))
    return files


def image_files(key: str, step: int, image: Image.Image) -> dict[str, bytes]:
    """An image after ``step`` updates as `MlflowClient.log_image` would keep it, by path.

    The UI shows the images of one key of all chosen runs side by side, with a slider over the steps. Unlike MLflow's,
    the file names are the same every time, so that an image that is sent again replaces itself.

    Args:
        key: letters, digits, spaces, ``_``, ``-``, ``.`` and slashes; up to the last slash it is a section's title.
    """
    small = image.copy()  # the copy in a grid has no palette
    small.thumbnail((SMALL, SMALL))
    unique = uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {step}")
    path = f"{IMAGES}{key.replace('/', '~')}+step+{step}+timestamp+{step}+{unique}"
    return {
        f"{path}.png": image_bytes(with_palette(image), "PNG"),
        f"{path}+compressed.webp": image_bytes(small, "WEBP", method=EFFORT),
    }


def image_bytes(image: Image.Image, form: str, **options: int) -> bytes:
    """An image as the content of a file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()
