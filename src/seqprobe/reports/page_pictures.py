"""Pictures in a page: each is embedded once, however often it is shown."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from seqprobe.reports.page import slug

TYPES = {".png": "image/png", ".gif": "image/gif", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}
OTHER_SIZE = (800, 500)
"""Shown width and height of a drawing that has no pixels."""


@dataclass(frozen=True)
class PagePicture:
    """An embedded picture.

    Attributes:
        anchor: its id in the page.
        url: its content as a data: address.
        width, height: in pixels.
    """

    anchor: str
    url: str
    width: int
    height: int


@dataclass
class PagePictures:
    """The pictures of a page, in the order in which they were first asked for."""

    embedded: dict[str, PagePicture] = field(default_factory=dict)

    def embed(self, name: str, content: bytes | None) -> PagePicture | None:
        """The picture with a name, whose ending says its type; None where there is no content."""
        if content is None:
            return None
        if name not in self.embedded:
            width, height = OTHER_SIZE if name.lower().endswith(".svg") else Image.open(io.BytesIO(content)).size
            self.embedded[name] = PagePicture(f"picture-{slug(name)}", data_url(name, content), width, height)
        return self.embedded[name]


def data_url(name: str, content: bytes) -> str:
    """A picture as a data: address that holds it."""
    smaller = compressed_png(content) if name.lower().endswith(".png") else content
    return f"data:{TYPES[Path(name).suffix.lower()]};base64,{base64.b64encode(smaller).decode()}"


def compressed_png(png: bytes) -> bytes:
    """A PNG with a palette of 256 colours, which plots do not need more of; unchanged if that is no smaller."""
    buffer, image = io.BytesIO(), Image.open(io.BytesIO(png)).convert("RGB")
    # Other ways to choose a palette give rare colours, such as a few points' own, to their neighbours.
    smaller = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    smaller.save(buffer, "PNG", optimize=True)
    return min(buffer.getvalue(), png, key=len)
