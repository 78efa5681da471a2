"""docs/findings.md tells what fails or surprises, and nothing that holds, with the numbers of the table."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from documents import text
from PIL import Image
from scripts import ROOT

from seqprobe.config.claim_files import load_claims
from seqprobe.reports.reproduction_figures import DRAWINGS

sys.path.append(str(ROOT / "docs"))
import findings
import highlights

ROW = {
    "claim": "post0/lines/lines_grow_alike",
    "post": "0",
    "place": "Sine",
    "kind": "post",
    "says": "They grow alike.",
    "part": "",
    "verdict": "fails",
    "detail": "",
    "median": "2.5",
    "low": "2",
    "high": "inf",
    "allowed": "at most 1.5",
}


def told(**changes: str) -> str:
    row = {**ROW, **changes}
    return findings.findings_text({row["claim"]: [row]}, lambda row: f"it is {row['median']}")


def test_a_claim_that_fails_is_told_with_its_numbers_and_why() -> None:
    assert told() == (
        "## One sine, and everything else\n\n### They grow alike.\n\n**fails** (post 0, Sine). The bounded output "
        "compresses, so that steeper lines still come out steeper, but far less than in proportion.\n\n- it is 2.5\n\n"
        "![The numbers beside their limits](images/findings/post0-lines-lines-grow-alike.png)"
    )


def test_what_holds_is_not_told_and_what_fails_without_a_text_is_listed() -> None:
    assert told(verdict="holds") == ""
    assert told(claim="mine/other") == "## And also\n\n- They grow alike. **fails**: it is 2.5"
    assert told(claim="mine/other", verdict="true in part") == ""


@pytest.mark.parametrize(
    ("allowed", "ends"),
    [("at most 2", (-np.inf, 2)), ("at least -1", (-1, np.inf)), ("0.5 to 2", (0.5, 2)), ("755", (755, 755))],
)
def test_limits_are_read_from_their_words(allowed: str, ends: tuple[float, float]) -> None:
    assert findings.limits(allowed) == ends


def test_numbers_that_are_infinite_can_be_drawn() -> None:
    with Image.open(io.BytesIO(findings.number_strip([ROW, {**ROW, "median": "inf", "part": "half"}]))) as strip:
        assert strip.width == 770


def test_every_text_is_about_a_claim_and_every_figure_is_one_of_a_reproduction() -> None:
    claims = {claim.name for claim in load_claims([ROOT / "conf"])}
    told_claims = {name: of for chapter in findings.chapters() for name, of in chapter["claims"].items()}
    shown = [of["figure"] for of in told_claims.values() if "figure" in of]
    assert told_claims.keys() <= claims
    assert {key[0] for one in highlights.HIGHLIGHTS for key in one.numbers} <= claims
    assert {*shown, *(one.figure for one in highlights.HIGHLIGHTS)} <= DRAWINGS.keys()
    assert len(set(shown)) == len(shown)


def test_every_picture_is_there_and_small() -> None:
    page = text("docs/findings.md")
    pictures = [line.split("](")[1].rstrip(")") for line in page.splitlines() if line.startswith("![")]
    assert len(pictures) > 20
    assert [name for name in pictures if (ROOT / "docs" / name).stat().st_size >= 70_000] == []
