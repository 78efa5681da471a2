"""What a recorder keeps as files of a population's run, where the UI looks for them."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from seqprobe.figures import png
from seqprobe.scoring import Tag
from seqprobe.tracking.journal import entries
from seqprobe.tracking.saved_model import usage_markdown
from seqprobe.tracking.score_table import SCORE_TABLE, ScoreRow, digest, to_csv
from seqprobe.tracking.stores.experiment_pages import NOTE
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from seqprobe.tracking.description import Description
    from seqprobe.tracking.journal.delivery import Delivery

MAX_IMAGES = 6
"""Frames of an animation that the UI's step slider goes through."""
SMALL = 640
"""Pixels of the longer side of the copy that the UI shows in a grid: MLflow's own 256 are too few for labels."""
COLORS = 64
"""In the palette of an image's full size; the smaller copy in a grid has no palette."""
IMAGES = "images/"
"""The folder of artifacts in which the UI looks for images, if the run has the tag `LOGGED_IMAGES`."""
LOGGED_IMAGES = "mlflow.loggedImages"
SHARED_STEP = 0
"""The step of images of a training's result: the UI compares images of one step, and trainings differ in length."""

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
        children: its members' runs.
        description: what is recorded besides results.
    """

    delivery: Delivery
    parent: str
    children: list[str]
    description: Description

    def record_figure(self, name: str, figure: Figure, image: str = "") -> None:
        content = png(figure)
        images = image_files(image, SHARED_STEP, opened_image(content)) if image else {}
        self._send_images({f"figures/{name}.png": content, **images})

    def record_snapshot(self, image: str, figure: Figure, step: int) -> None:
        self._send_images(image_files(image, step, opened_image(png(figure))))

    def record_animation(self, name: str, gif: bytes, steps: Sequence[int]) -> None:
        self._send_images({f"animations/{name}.gif": gif, **step_images(name, gif, steps)})

    def _send_images(self, files: Mapping[str, bytes]) -> None:
        """Send files, and if there are images among them the tag for which the UI looks."""
        self.delivery.send_files(self.parent, files)
        if any(path.startswith(IMAGES) for path in files):
            self.delivery.send(entries.tags(self.parent, {LOGGED_IMAGES: "True"}))

    def record_table(self, name: str, table: pandas.DataFrame) -> None:
        self.delivery.send_files(self.parent, {f"tables/{name}.csv": table.to_csv(index=False).encode()})

    def send_scores(self, table: Sequence[ScoreRow], replaced: str | None = None) -> None:
        """Send the table of scores, then its digest.

        Args:
            replaced: the digest of a table that it replaces. While it is sent, the run states both: a kill between
                the table and its digest must not leave one that seems damaged.
        """
        content = to_csv(table)
        if replaced is not None:
            self._send_digest(f"{replaced} {digest(content)}")
        self.delivery.send_files(self.parent, {SCORE_TABLE: content})
        self._send_digest(digest(content))

    def _send_digest(self, digests: str) -> None:
        self.delivery.send(entries.tags(self.parent, {Tag.SCORES_DIGEST: digests}))

    def record_text(self, name: str, text: str) -> None:
        self.delivery.send_files(self.parent, {f"{name}.txt": text.encode()})

    def record_note(self, markdown: str) -> None:
        note = with_artifact_addresses(markdown, self.parent)
        if "sizes" in self.description.network:
            seed, sizes = self.description.seeds[0], self.description.network["sizes"]
            note += usage_markdown(self.parent, self.children[0], seed, sizes)
        self.delivery.send(entries.tags(self.parent, {NOTE: note}))


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
    small = image.copy()
    small.thumbnail((SMALL, SMALL))
    unique = uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {step}")
    path = f"{IMAGES}{key.replace('/', '~')}+step+{step}+timestamp+{step}+{unique}"
    return {
        f"{path}.png": image_bytes(image.quantize(COLORS, dither=Image.Dither.NONE), "PNG"),
        f"{path}+compressed.webp": image_bytes(small, "WEBP"),
    }


def opened_image(content: bytes) -> Image.Image:
    """The image in a PNG file."""
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGB")


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
