"""The page of a reproduction: every claim with its verdict, and the posts' pictures beside ours, in one HTML file."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from seqprobe.reports.claims import FigureSource, Part, PartVerdict, Verdict
from seqprobe.reports.claims.verdict import FAILS, HOLDS, IN_PART, MORE, NOT_MEASURED, OF_SOME
from seqprobe.reports.page import render_page, slug
from seqprobe.reports.verdict_table import (
    margin_text,
    measured_text,
    seeds_text,
    share_text,
    verdict_counts,
    verdict_text,
)

TYPES = {".png": "image/png", ".gif": "image/gif", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}
STYLES = {HOLDS: "holds", IN_PART: "part", OF_SOME: "some", MORE: "more", FAILS: "fails", NOT_MEASURED: "not"}
"""The style sheet's class of each verdict."""
ORDER = (FAILS, MORE, IN_PART, OF_SOME, HOLDS, NOT_MEASURED)
"""Verdicts as the page shows them: what is not as the posts say comes first."""
Pictures = Callable[[FigureSource], bytes | None]
"""The content of one of our pictures, or None where there is none."""


@dataclass(frozen=True)
class PicturePair:
    """A picture of a post, and which of ours shows the same.

    Attributes:
        original: its path below the folder of originals.
        ours: where our picture is from.
    """

    original: str
    ours: FigureSource
    caption: str


def page(
    verdicts: Sequence[Verdict],
    pairs: Sequence[PicturePair],
    pictures: Pictures,
    originals: Path | None,
    about: str,
    command: str,
) -> str:
    """The page as HTML, what fails first; ``originals`` is the folder with the posts' pictures, or None."""
    shown = {pair.ours for pair in pairs}
    others = {verdict.claim.figure for verdict in verdicts} - shown
    counts = verdict_counts(verdicts)
    return render_page(
        "verdict_page.html.j2",
        about=about,
        command=command,
        counts=[(STYLES[word], word, counts[word]) for word in ORDER if counts[word]],
        rows=[row_entry(verdict, pictures) for verdict in sorted(verdicts, key=lambda one: ORDER.index(one.word))],
        originals=originals,
        pairs=[pair_entry(pair, is_first_of(pairs, pair), pictures, originals) for pair in pairs],
        others=[
            {"anchor": slug(str(figure)), "source": str(figure), "ours": data_url(figure.artifact, content)}
            for figure in sorted(others, key=str)
            if (content := pictures(figure))
        ],
    )


def row_entry(verdict: Verdict, pictures: Pictures) -> Mapping[str, object]:
    """What the template shows of a verdict."""
    claim = verdict.claim
    return {
        "name": claim.name,
        "post": "" if claim.post is None else claim.post,
        "says": claim.says,
        "place": claim.place,
        "kind": claim.kind,
        "parts": [part_entry(result.part, result) for result in verdict.parts]
        or [part_entry(part) for part in claim.parts],
        "verdict": verdict_text(verdict),
        "style": STYLES[verdict.word],
        "anchor": slug(str(claim.figure)) if pictures(claim.figure) else "",
    }


def part_entry(part: Part, result: PartVerdict | None = None) -> Mapping[str, str]:
    """What the template shows of a part, with its result if it was measured."""
    shown = {"says": part.says, "quantity": part.quantity, "allowed": part.allowed, "why": part.why}
    if result is None:
        return {**shown, "measured": "", "margin": "", "seeds": "", "share": "", "verdict": ""}
    return {
        **shown,
        "measured": measured_text(result),
        "margin": margin_text(result),
        "seeds": seeds_text(result),
        "share": share_text(result),
        "verdict": result.word if part.says else "",
    }


def is_first_of(pairs: Sequence[PicturePair], pair: PicturePair) -> bool:
    """Whether no pair before this one shows the same picture of ours."""
    return next(other for other in pairs if other.ours == pair.ours) is pair


def pair_entry(
    pair: PicturePair, is_first: bool, pictures: Pictures, originals: Path | None
) -> Mapping[str, str | None]:
    """What the template shows of a pair."""
    path = originals / pair.original if originals else None
    return {
        "anchor": slug(str(pair.ours) if is_first else pair.original),
        "name": pair.original,
        "caption": pair.caption,
        "source": str(pair.ours),
        "original": data_url(pair.original, path.read_bytes()) if path and path.is_file() else None,
        "ours": data_url(pair.ours.artifact, pictures(pair.ours)),
    }


def data_url(name: str, content: bytes | None) -> str | None:
    """A picture as a data: address that holds it, or None where there is none."""
    if content is None:
        return None
    smaller = compressed_png(content) if name.lower().endswith(".png") else content
    return f"data:{TYPES[Path(name).suffix.lower()]};base64,{base64.b64encode(smaller).decode()}"


def compressed_png(png: bytes) -> bytes:
    """A PNG with a palette of 256 colours, which plots do not need more of; unchanged if that is no smaller."""
    buffer, image = io.BytesIO(), Image.open(io.BytesIO(png)).convert("RGB")
    # Other ways to choose a palette give rare colours, such as a few points' own, to their neighbours.
    smaller = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    smaller.save(buffer, "PNG", optimize=True)
    return min(buffer.getvalue(), png, key=len)
