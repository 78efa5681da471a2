"""The page of a comparison needs nothing else, drops nothing, and links every number."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from reports.members import population

from seqprobe.reports.charts import Chart
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison_page import Header, comparison_page
from seqprobe.reports.selection import current_members
from seqprobe.reports.task_pictures import TaskPictures, first_sequences

RMSE = {"val/rmse": [0.1, 0.12, 0.11, 0.13, 0.1], "reference/constant": [0.5] * 5}
DRAWING = '<svg viewBox="0 0 300 100"><text>100 %</text></svg>'


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
    chart = Chart("scores", "sine: scores", "Every score of <rnn>.", [DRAWING], [("line s1", "<rnn>")])
    drawn = {"sine": TaskPictures("Reproduce y < 1.", "inputs:\n0 1", None, [chart])}
    about = Header(["5 < 6 populations"], ["python pipelines/compare.py 'models=[rnn]'"], "http://ui")
    return comparison_page(
        comparisons(current_members(members)), drawn, about, lambda experiment, run: f"http://ui/#/{experiment}/{run}"
    )


def test_nothing_is_dropped(page: str) -> None:
    words = " ".join(Reader(page).words)
    assert "✗ 2 failed" in words
    assert "∞ 1 diverged" in words
    assert "0 of 2, 2 FAILED" in words
    assert "4 of 5" in words
    assert words.count("not trained") == 2  # lstm and gru on line_xy
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
    assert all(source.startswith(("data:", "#")) for source in read.sources)
    assert "default-src 'none'" in page
    assert not re.search(r"@import|url\((?!data:)", page)


def test_figures_are_part_of_the_page_and_have_words(page: str) -> None:
    assert DRAWING in page
    assert 'aria-label="Enlarge sine: scores"' in page
    assert "Every score of &lt;rnn&gt;." in page
    assert '<path class="line s1" d="M0 50h260"/></svg>&lt;rnn&gt;' in page
    assert "Reproduce y &lt; 1." in page
    assert "<pre>inputs:\n0 1</pre>" in page
    assert 'scope="col"' in page
    assert '<html lang="en">' in page


def test_only_the_scripts_and_styles_of_the_template_may_run(page: str) -> None:
    for kind in ("script", "style"):
        (content,) = re.findall(f"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in page
    assert "unsafe-inline" not in page
    assert not re.search(r"<[a-z][^>]* (style|on[a-z]+)=", page)


def test_an_example_has_the_first_sequences() -> None:
    text = "t: the first minibatch\n  inputs: 2x3\n\ninputs:\n1 2\n3 4\n5 6\n7 8\n\nlengths:\n0 1\n\ntargets:\n9\n"
    assert first_sequences(text) == "inputs:\n1 2\n3 4\n5 6\ntargets:\n9"


def test_what_a_run_is_called_cannot_become_markup() -> None:
    members = population("<script>alert(1)</script>", RMSE)
    written = comparison_page(
        comparisons(current_members(members)), {}, Header([], []), lambda experiment, run: f'"{run}'
    )
    assert "<script>alert" not in written
    assert 'href=""' not in written
