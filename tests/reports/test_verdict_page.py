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

from seqprobe.reports.claims import Claim, FigureSource, Part, PartVerdict, Verdict
from seqprobe.reports.claims.claim_measures import FinalValue, RecordedParameter
from seqprobe.reports.page_pictures import compressed_png
from seqprobe.reports.statistics import Interval
from seqprobe.reports.verdict_page import PicturePair, page
from seqprobe.reports.verdict_table import (
    margin_text,
    measured_text,
    seeds_text,
    share_text,
    verdict_counts,
    verdict_frame,
    verdict_table,
)

FIT = FigureSource("experiment=post0/line", "figures/fit.png")
WHOLE = Part("", "RMSE", FinalValue("val/rmse"), "A tenth of its height.", high=0.02)
FAST = Part("at MSE 0.1", "examples", FinalValue("val/rmse"), "Rounded.", 1.5, 2.5, "{}x")
CLAIM = Claim(
    name="post0/line/fits",
    post=0,
    says="A line <fits>.",
    place="X-Y, line.png",
    kind="post",
    runs={"line": "experiment=post0/line"},
    parts=[WHOLE],
    figure=FIT,
)
OTHER = replace(
    CLAIM,
    name="mine",
    post=None,
    says="It is faster.",
    kind="control",
    parts=[FAST, replace(FAST, says="at MSE 0.2")],
    figure=FigureSource("", "convergence.png"),
)
VERDICTS = [
    Verdict(CLAIM, "holds", [PartVerdict(WHOLE, "holds", (5, 5), Interval(0.005125, 0.004, 0.006, 5))]),
    Verdict(
        OTHER,
        "more than said",
        [
            PartVerdict(OTHER.parts[0], "more than said", (1, 5), Interval(4.375, 2, math.inf, 5)),
            PartVerdict(OTHER.parts[1], "holds", (5, 5), Interval(1.75, 1.5, 2, 5)),
        ],
    ),
    Verdict(replace(CLAIM, name="post2/neither", post=2, says="Neither."), "not measured", (), "no finished run"),
]
PAIRS = [
    PicturePair("post0/line.png", "Dots on a <line>.", FIT, "The line"),
    PicturePair("post0/hill.png", "A hill.", FigureSource("experiment=gone", "figures/fit.png"), "The hill"),
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
        if tag == "image":
            self.images.append(str(given["href"]))
        if tag == "svg" and "role" in given:
            assert given["aria-label"]
        if tag == "use":
            self.links.add(str(given["href"]).removeprefix("#"))
        if "id" in given:
            assert given["id"] not in self.anchors
            self.anchors.add(str(given["id"]))
        if tag == "a" and "href" in given:
            self.links.add(str(given["href"]).removeprefix("#"))
        if tag not in ("input", "link", "meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_verdict_is_said_and_every_link_leads_somewhere() -> None:
    text = page(VERDICTS, PAIRS, pictures, None, "about & more", "make reproduce")
    assert "findings" not in text
    tags = Tags(text)
    assert tags.open == []
    assert tags.links <= tags.anchors
    findings = "file:///docs/findings.md"
    with_findings = page(VERDICTS, PAIRS, pictures, None, "about & more", "make reproduce", findings)
    assert Tags(with_findings).links - tags.links == {findings}
    assert "A line &lt;fits&gt;." in text
    assert "about &amp; more" in text
    for text_of_page in (
        "X-Y, line.png",
        "A tenth of its height.",
        "· <strong>control</strong>",
        "0.00513 [0.004, 0.006]",
        "4.38 [2, never]",
        "at most 0.02",
        "<strong>0.015 inside</strong>",
        "<strong>1.9 outside</strong>",
        "1 of 5",
        "at least 55 %",
        '<em>at MSE 0.1</em> (<span class="more">more than said</span>): examples',
        "more than said: 4.4x, 1.8x",
        "not measured: no finished run",
        "1 more than said",
        "<p>Dots on a &lt;line&gt;.</p><figcaption>what the post's post0/line.png shows",
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
    console = Console(width=250, record=True, file=io.StringIO())
    console.print(verdict_table(VERDICTS[:2]))
    text = console.export_text()
    for part_of_text in (
        "A line <fits>.",
        "It is faster. (control)",
        "more than said: 4.4x, 1.8x",
        "at MSE 0.2: examples",
    ):
        assert part_of_text in text
    rows = verdict_frame(VERDICTS, "stacked")
    assert rows["verdict"].tolist() == ["holds", "more than said", "more than said", "not measured"]
    assert rows["part_verdict"].tolist()[:3] == ["holds", "more than said", "holds"]
    assert rows["median"].tolist() == pytest.approx([0.005125, 4.375, 1.75, np.nan], nan_ok=True)
    assert rows["seeds_true"].tolist()[:3] == [5, 1, 5]
    assert rows["share"].tolist()[:3] == ["at least 55 %", "1 % to 66 %", "at least 55 %"]
    assert rows["margin"].tolist()[:3] == ["0.015 inside", "1.9 outside", "0.25 inside"]
    assert set(rows["engine"]) == {"stacked"}
    counts = {word: count for word, count in verdict_counts(VERDICTS).items() if count}
    assert counts == {"holds": 1, "more than said": 1, "not measured": 1}


def test_one_number_of_a_population_has_no_share_of_seeds() -> None:
    part = Part("", "parameters", RecordedParameter("parameters"), "It is a count.", 755, 755)
    result = PartVerdict(part, "holds", (1, 1), Interval(755.0, 755.0, 755.0, 1))
    assert (measured_text(result), margin_text(result), seeds_text(result), share_text(result)) == (
        "755",
        "at the limit",
        "yes",
        "",
    )
    assert seeds_text(replace(result, seeds=(0, 1))) == "no"


def test_what_fails_comes_first_and_verdicts_can_be_hidden() -> None:
    words = ("holds", "true of some seeds", "fails", "true in part", "more than said")
    verdicts = [replace(VERDICTS[0], word=word, claim=replace(CLAIM, name=word, says=f"It {word}.")) for word in words]
    text = page(verdicts, PAIRS, pictures, None, "about", "command")
    rows = re.findall(r'<div class="group-(\w+)">', text)
    assert rows == ["fails", "more", "part", "some", "holds"]
    assert re.findall(r'type="checkbox" checked id="show-(\w+)"', text) == rows
    assert "body:has(#show-some:not(:checked)) .group-some { display: none; }" in text


def test_figures_of_what_differs_are_open_and_the_posts_own_claims_come_first() -> None:
    of_post, ours = (replace(VERDICTS[0].claim, name=kind, kind=kind, says=f"{kind}.") for kind in ("post", "ours"))
    verdicts = [
        replace(VERDICTS[0], word=word, claim=claim) for word in ("fails", "holds") for claim in (ours, of_post)
    ]
    text = page(verdicts, PAIRS, pictures, None, "about", "command")
    assert re.findall(r"<h3>(post|ours)\.</h3>", text) == ["post", "ours", "post", "ours"]
    assert re.findall(r"<details( open)?><summary>figure", text) == [" open", " open", "", ""]


def test_a_picture_is_embedded_once_however_often_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "post0").mkdir()
    (tmp_path / "post0" / "line.png").write_bytes(png("red"))
    twice = [VERDICTS[0], replace(VERDICTS[0], claim=replace(CLAIM, name="post0/line/again"))]
    tags = Tags(page(twice, PAIRS[:1], pictures, tmp_path, "about", "command"))
    assert len(tags.images) == 2
    text = page(twice, PAIRS[:1], pictures, tmp_path, "about", "command")
    assert text.count("<use href=") == 6  # two claims and the pair, original and ours each
    assert 'viewBox="0 0 40 20"' in text


@pytest.mark.parametrize(
    ("post", "place", "address"),
    [
        (1, "Adapting our toy", "http://kbullaughey.github.io/lstm-play/lstm/#:~:text=Adapting%20our%20toy"),
        (1, "author's code", ""),
        (0, "Sine", ""),
        (None, "Adapting our toy", ""),
    ],
)
def test_a_heading_of_a_post_whose_address_is_known_is_linked(post: int | None, place: str, address: str) -> None:
    claim = replace(CLAIM, post=post, place=place)
    text = page([replace(VERDICTS[0], claim=claim)], [], pictures, None, "about", "command")
    assert (f'<a href="{address}">{place}</a>' in text) == bool(address)
    assert ("http://" in text) == bool(address)
