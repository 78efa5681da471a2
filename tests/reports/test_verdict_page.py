"""The page of a reproduction is one whole file that says every verdict, and the table says the same."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from seqprobe.reports.claims import Claim, FigureSource, Verdict
from seqprobe.reports.claims.claim_measures import FinalValue
from seqprobe.reports.statistics import Interval
from seqprobe.reports.verdict_page import PicturePair, compressed_png, page
from seqprobe.reports.verdict_table import measured_text, verdict_counts, verdict_frame, verdict_table

FIT = FigureSource("experiment=post0/line", "figures/fit.png")
CLAIM = Claim(
    name="post0/line/fits",
    post=0,
    says="A line <fits>.",
    place="X-Y, line.png",
    kind="post",
    quantity="RMSE",
    runs={"line": "experiment=post0/line"},
    measure=FinalValue("val/rmse"),
    why="A tenth of its height.",
    figure=FIT,
    high=0.02,
)
OTHER = replace(CLAIM, name="mine", post=None, says="It is faster.", kind="control", low=2, high=math.inf)
VERDICTS = [
    Verdict(CLAIM, "holds", (5, 5), Interval(0.0051234, 0.004, 0.006, 5)),
    Verdict(
        replace(OTHER, figure=FigureSource("", "convergence.png")), "partly", (2, 5), Interval(3.14159, 2, math.inf, 5)
    ),
    Verdict(replace(CLAIM, post=2, says="Neither.", low=1, high=1), "not measured", (0, 0), None, "no finished run"),
]
PAIRS = [
    PicturePair("post0/line.png", FIT, "The line"),
    PicturePair("post0/hill.png", FigureSource("experiment=gone", "figures/fit.png"), "The hill"),
]


def png(color: str, size: tuple[int, int] = (40, 20)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def pictures(source: FigureSource) -> bytes | None:
    return png("blue") if source == FIT else None


class Tags(HTMLParser):
    """Counts tags, and remembers those that are open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[str] = []
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img":
            self.images.append(str(given["src"]))
            assert given["alt"]
        if "id" in given:
            assert given["id"] not in self.anchors
            self.anchors.add(str(given["id"]))
        if tag == "a" and "href" in given:
            self.links.add(str(given["href"]).removeprefix("#"))
        if tag not in ("img", "link", "meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_verdict_is_said_and_every_link_leads_somewhere() -> None:
    text = page(VERDICTS, PAIRS, pictures, None, "about & more", "make reproduce")
    tags = Tags(text)
    assert tags.open == []
    assert tags.links <= tags.anchors
    assert "A line &lt;fits&gt;." in text
    assert "about &amp; more" in text
    for text_of_page in (
        "X-Y, line.png",
        "A tenth of its height.",
        "· control",
        "0.00512 [0.004, 0.006]",
        "3.14 [2, never]",
        "at most 0.02",
        "2 of 5",
        "no finished run",
    ):
        assert text_of_page in text
    assert len(tags.images) == 1
    assert "not made: gone: figures/fit.png is missing" in text
    assert not re.findall(r"https?://", text)


def test_originals_stand_beside_ours(tmp_path: Path) -> None:
    (tmp_path / "post0").mkdir()
    (tmp_path / "post0" / "line.png").write_bytes(png("red"))
    tags = Tags(page(VERDICTS, PAIRS, pictures, tmp_path, "about", "make reproduce"))
    assert len(tags.images) == 2
    assert all(image.startswith("data:image/png;base64,") for image in tags.images)


def test_a_smaller_picture_keeps_every_colour() -> None:
    rng = np.random.default_rng(0)
    field = np.full((200, 300, 3), 255, np.uint8)
    field[rng.integers(0, 200, 4000), rng.integers(0, 300, 4000)] = rng.integers(0, 256, (4000, 3))
    field[5, 5], field[5, 9] = (0, 158, 115), (0, 114, 178)
    buffer = io.BytesIO()
    Image.fromarray(field).save(buffer, "PNG")
    smaller = compressed_png(buffer.getvalue())
    assert len(smaller) < len(buffer.getvalue())
    assert compressed_png(png("red", (1, 1)))[:4] == b"\x89PNG"
    few = np.full((50, 50, 3), 255, np.uint8)
    few[3, 3], few[4, 4] = (0, 158, 115), (0, 114, 178)
    buffer = io.BytesIO()
    Image.fromarray(few).save(buffer, "PNG")
    kept = np.asarray(Image.open(io.BytesIO(compressed_png(buffer.getvalue()))).convert("RGB")).astype(int)
    assert np.abs(kept - few).max() <= 8


def test_the_table_and_the_frame_say_the_same() -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(verdict_table(VERDICTS))
    text = console.export_text()
    for verdict in VERDICTS:
        assert verdict.claim.says in text
        assert verdict.word in text
    rows = verdict_frame(VERDICTS)
    assert rows["verdict"].tolist() == ["holds", "partly", "not measured"]
    assert rows["median"].tolist() == pytest.approx([0.005123, 3.142, np.nan], nan_ok=True)
    assert rows["seeds_true"].tolist() == [5, 2, 0]
    assert verdict_counts(VERDICTS) == {"holds": 1, "partly": 1, "fails": 0, "not measured": 1}
    assert measured_text(Verdict(CLAIM, "holds", (1, 1), Interval(755.0, 755.0, 755.0, 1))) == "755"
