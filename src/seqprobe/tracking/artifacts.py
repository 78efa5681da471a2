"""What a recorder keeps as files of a population's run, where the UI looks for them."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from seqprobe.figures import png
from seqprobe.tracking.journal import entries
from seqprobe.tracking.stores.store import NOTE, Store

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from seqprobe.tracking.journal.delivery import Delivery

MAX_IMAGES = 6
"""Frames of an animation that the UI's step slider goes through."""
SMALL = 256
"""Pixels of the longer side of the copy that the UI shows in a grid: MLflow's own size."""


EARLIER_TABLES = {"snapshots": "moments"}
"""What tables are called in stores of earlier versions."""


def table_content(store: Store, run: str, name: str) -> bytes | None:
    """A table of a population's run as CSV, under its name or its earlier one; None where there is none."""
    names = [name, *([EARLIER_TABLES[name]] if name in EARLIER_TABLES else [])]
    contents = (store.artifact(run, f"tables/{table}.csv") for table in names)
    return next((content for content in contents if content is not None), None)


class Artifacts:
    """Records a population's files.

    Attributes:
        parent: the population's run.
    """

    delivery: Delivery
    parent: str

    def record_figure(self, name: str, figure: Figure) -> None:
        self.delivery.send_files(self.parent, {f"figures/{name}.png": png(figure)})

    def record_animation(self, name: str, gif: bytes, steps: Sequence[int]) -> None:
        self.delivery.send_files(self.parent, {f"animations/{name}.gif": gif, **step_images(name, gif, steps)})
        self.delivery.send(entries.tags(self.parent, {"mlflow.loggedImages": "True"}))

    def record_table(self, name: str, table: pandas.DataFrame) -> None:
        self.delivery.send_files(self.parent, {f"tables/{name}.csv": table.to_csv(index=False).encode()})

    def record_text(self, name: str, text: str) -> None:
        self.delivery.send_files(self.parent, {f"{name}.txt": text.encode()})

    def record_note(self, markdown: str) -> None:
        self.delivery.send(entries.tags(self.parent, {NOTE: with_artifact_addresses(markdown, self.parent)}))


def step_images(name: str, gif: bytes, steps: Sequence[int]) -> dict[str, bytes]:
    """A few frames as `MlflowClient.log_image` would keep them, by path; but with the same names every time.

    Args:
        steps: the update that each frame shows.
    """
    files = {}
    with Image.open(io.BytesIO(gif)) as frames:
        if getattr(frames, "n_frames", 1) != len(steps):  # identical frames are merged, so frames no longer match steps
            return {}
        for index in np.unique(np.linspace(0, len(steps) - 1, MAX_IMAGES).round().astype(int)).tolist():
            frames.seek(index)
            image, step = frames.convert("RGB"), int(steps[index])
            small = image.copy()
            small.thumbnail((SMALL, SMALL))
            path = f"images/{name}+step+{step}+timestamp+{step}+{uuid.uuid5(uuid.NAMESPACE_OID, f'{name} {step}')}"
            files[f"{path}.png"] = image_bytes(image.quantize(64, dither=Image.Dither.NONE), "PNG")
            files[f"{path}+compressed.webp"] = image_bytes(small, "WEBP")
    return files


def image_bytes(image: Image.Image, form: str) -> bytes:
    """An image as the content of a file."""
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def with_artifact_addresses(markdown: str, run: str) -> str:
    """Markdown in which pictures that are artifacts of a run, ``![fit](figures/fit.png)``, have the UI's addresses."""

    def address(match: re.Match[str]) -> str:
        return f"]({'get-artifact?' + urlencode({'path': match[1], 'run_uuid': run})})"

    return re.sub(r"\]\((figures/[^)]+)\)", address, markdown)
