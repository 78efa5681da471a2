"""The page of a comparison needs nothing else, drops nothing, and links every number."""

from __future__ import annotations

import base64
import gzip
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from reports.members import population

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison_figures import Picture
from seqprobe.reports.comparison_page import Header, comparison_page, packed_svg
from seqprobe.reports.selection import current_members

RMSE = {"val/rmse": [0.1, 0.12, 0.11, 0.13, 0.1], "reference/constant": [0.5] * 5}
DRAWING = "<svg xmlns='x'><text style=\"font: 10px 'A'\">100 % & \n#1</text></svg>"


class Reader(HTMLParser):
    """Links, pictures and words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [found["href"] or ""] if tag == "a" else []
        self.pictures += [found] if tag == "img" else []
        self.sources += [str(found[name]) for name in ("src", "href") if tag != "a" and name in found]

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


@pytest.fixture(scope="module")
def page() -> str:
    members = pd.concat(
        [
            population("rnn", RMSE),
            population("lstm", {"val/rmse": [0.01] * 4}, seeds=[0, 1, 2, 3]),
            population("lstm", {"val/rmse": [np.nan]}, seeds=[4], outcome="diverged"),
            population("gru", {"": [np.nan] * 2}, seeds=[0, 1], status="FAILED"),
            population("rnn", RMSE, task="line_xy", parent_id="line"),
        ]
    )
    drawn = {"sine": [Picture("scores", DRAWING, "Every score of <rnn>.")]}
    about = Header(["5 < 6 populations"], ["python pipelines/compare.py 'models=[rnn]'"])
    return comparison_page(
        comparisons(current_members(members)), drawn, about, lambda experiment, run: f"http://ui/#/{experiment}/{run}"
    )


def test_nothing_is_dropped(page: str) -> None:
    words = " ".join(Reader(page).words)
    assert "✗ 2 failed" in words
    assert "∞ 1 diverged" in words
    assert "0 of 2, 2 FAILED" in words
    assert "4 of 5" in words
    assert words.count("–") > 1  # lstm and gru were not trained on line_xy
    assert "constant predictor" in words
    assert "★ best" in words
    assert "python pipelines/compare.py 'models=[rnn]'" in words


def test_every_number_links_to_its_run(page: str) -> None:
    links = Reader(page).links
    assert "http://ui/#/7/rnn-parent" in links
    assert "http://ui/#/7/line" in links
    rows = re.findall(r"<tr(?: data-[^>]*)?>(.*?)</tr>", page, re.DOTALL)
    assert len(rows) > 5
    assert all("<a " in row for row in rows if re.search(r'class="number"[^>]*>[^<]*(<a [^>]*>)?[^<]*\d', row))


def test_it_asks_no_other_host(page: str) -> None:
    read = Reader(page)
    assert all(source.startswith("data:") for source in read.sources)
    assert "default-src 'none'" in page
    assert not re.search(r"@import|url\((?!data:)", page)


def test_figures_have_words_for_those_who_cannot_see_them(page: str) -> None:
    first, *_ = Reader(page).pictures
    assert first["alt"] == "sine, scores: Every score of <rnn>."
    assert "Enlarge: Every score of &lt;rnn&gt;." in page
    assert 'scope="col"' in page
    assert '<html lang="en">' in page


def test_a_packed_svg_comes_out_as_it_went_in(page: str) -> None:
    first, *_ = Reader(page).pictures
    assert first["data-packed"] == packed_svg(DRAWING)
    assert gzip.decompress(base64.b64decode(packed_svg(DRAWING))).decode() == DRAWING


def test_what_a_run_is_called_cannot_become_markup() -> None:
    members = population("<script>alert(1)</script>", RMSE)
    written = comparison_page(
        comparisons(current_members(members)), {}, Header([], []), lambda experiment, run: f'"{run}'
    )
    assert "<script>alert" not in written
    assert 'href=""' not in written
