"""What a recorder keeps as files of a population's run, where the UI looks for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from seqprobe.figures import png_file, rendered
from seqprobe.scoring import Tag
from seqprobe.tracking.forked_call import forked_call, has_spare_core
from seqprobe.tracking.journal import entries
from seqprobe.tracking.logged_images import IMAGES, LOGGED_IMAGES, image_files, step_images
from seqprobe.tracking.saved_model import usage_markdown
from seqprobe.tracking.score_table import SCORE_TABLE, ScoreRow, digest, to_csv
from seqprobe.tracking.shared_numbers import shared_numbers
from seqprobe.tracking.stores.experiment_pages import NOTE
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from seqprobe.tracking.description import Description
    from seqprobe.tracking.journal.delivery import Delivery

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
        has_images: whether images were sent.
    """

    delivery: Delivery
    parent: str
    children: list[str]
    description: Description
    has_images = False

    def record_figure(self, name: str, figure: Figure, image: str = "") -> None:
        picture = rendered(figure)
        images = image_files(image, SHARED_STEP, picture) if image else {}
        self._send({f"figures/{name}.png": png_file(picture), **images})

    def record_snapshot(self, image: str, figure: Figure, step: int) -> None:
        self._send(image_files(image, step, rendered(figure)))

    def record_animation(self, name: str, gif: bytes, steps: Sequence[int]) -> None:
        self._send({f"animations/{name}.gif": gif, **step_images(name, gif, steps)})

    def _send(self, files: Mapping[str, bytes]) -> None:
        """Send files, and with the first images among them the tag for which the UI looks."""
        self.delivery.send_files(self.parent, files)
        if not self.has_images and any(path.startswith(IMAGES) for path in files):
            self.delivery.send(entries.tags(self.parent, {LOGGED_IMAGES: "True"}))
            self.has_images = True

    def record_drawings(self, drawings: Sequence[Callable[[Any], None]]) -> None:
        if not has_spare_core():
            for draw in drawings:
                draw(self)
            return
        own = list[int]()
        with shared_numbers(len(drawings)) as numbers, forked_call(partial(drawn_files, drawings, numbers)) as wait:
            for number in numbers:
                drawings[number](self)
                own.append(number)
            beside = wait() or {}
        for number, draw in enumerate(drawings):
            for together in beside.get(number, ()):
                self._send(together)
            if number not in own and number not in beside:  # the fork has failed: here, its error is seen
                draw(self)

    def record_table(self, name: str, table: pandas.DataFrame) -> None:
        self._send({f"tables/{name}.csv": table.to_csv(index=False).encode()})

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


class DrawnFiles(Artifacts):
    """Keeps files as they would be sent, those that are sent together in one mapping."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, bytes]] = []

    def _send(self, files: Mapping[str, bytes]) -> None:
        self.sent.append(files)


def drawn_files(
    drawings: Sequence[Callable[[Any], None]], numbers: Iterable[int]
) -> dict[int, list[Mapping[str, bytes]]]:
    """The files that those ``drawings`` record which have these numbers."""
    drawn = {}
    for number in numbers:
        files = DrawnFiles()
        drawings[number](files)
        drawn[number] = files.sent
    return drawn


def with_artifact_addresses(markdown: str, run: str) -> str:
    """Markdown in which pictures that are artifacts of a run, ``![fit](figures/fit.png)``, have the UI's addresses."""

    def address(match: re.Match[str]) -> str:
        return f"]({'get-artifact?' + urlencode({'path': match[1], 'run_uuid': run})})"

    return re.sub(r"\]\((figures/[^)]+)\)", address, markdown)
