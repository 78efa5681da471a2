"""The page of a reproduction: every claim with its verdict, and the posts' pictures beside ours, in one HTML file."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from PIL import Image

from seqprobe.reports.claims import Verdict
from seqprobe.reports.verdict_table import counts, measured

TYPES = {".png": "image/png", ".gif": "image/gif", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}
Pictures = Callable[[str, str], bytes | None]
"""The content of our picture, from a run's name and an artifact's path."""


@dataclass(frozen=True)
class PicturePair:
    """A picture of a post, and which of ours shows the same.

    Attributes:
        original: its path below the folder of originals.
        run: the population whose artifact ours is; empty for one that the reproduction itself draws.
    """

    original: str
    run: str
    artifact: str
    caption: str


def page(
    verdicts: Sequence[Verdict],
    pairs: Sequence[PicturePair],
    pictures: Pictures,
    originals: Path | None,
    about: str,
    command: str,
) -> str:
    """The page as HTML; ``originals`` is the folder with the posts' pictures, or None."""
    rows = [row(verdict, pictures) for verdict in verdicts]
    shown = {(pair.run, pair.artifact) for pair in pairs}
    needed = {verdict.claim.evidence.figure for verdict in verdicts}
    others = {figure for figure in needed - shown if pictures(*figure)}
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        (Path(__file__).parent / "verdict_page.html.j2").read_text()
    )
    return template.render(
        about=about,
        command=command,
        counts=counts(verdicts),
        rows=rows,
        originals=originals,
        pairs=[pair_entry(pair, first(pairs, pair), pictures, originals) for pair in pairs],
        others=[
            {"anchor": anchor(*key), "source": source(*key), "ours": embedded(key[1], pictures(*key))}
            for key in sorted(others)
        ],
    )


def row(verdict: Verdict, pictures: Pictures) -> Mapping[str, object]:
    """What the template shows of a verdict."""
    claim, figure = verdict.claim, verdict.claim.evidence.figure
    return {
        "post": claim.post,
        "says": claim.says,
        "quantity": claim.quantity,
        "measured": measured(verdict),
        "allowed": claim.allowed,
        "seeds": f"{verdict.seeds[0]} of {verdict.seeds[1]}",
        "verdict": verdict.word,
        "anchor": anchor(*figure) if pictures(*figure) else "",
    }


def first(pairs: Sequence[PicturePair], pair: PicturePair) -> bool:
    """Whether no pair before this one shows the same picture of ours."""
    same = next(each for each in pairs if (each.run, each.artifact) == (pair.run, pair.artifact))
    return same is pair


def pair_entry(
    pair: PicturePair, is_first: bool, pictures: Pictures, originals: Path | None
) -> Mapping[str, str | None]:
    """What the template shows of a pair."""
    path = originals / pair.original if originals else None
    return {
        "anchor": anchor(pair.run, pair.artifact) if is_first else slug(pair.original),
        "name": pair.original,
        "caption": pair.caption,
        "source": source(pair.run, pair.artifact),
        "original": embedded(pair.original, path.read_bytes()) if path and path.is_file() else None,
        "ours": embedded(pair.artifact, pictures(pair.run, pair.artifact)),
    }


def embedded(name: str, content: bytes | None) -> str | None:
    """A picture as an address that holds it, or None where there is none."""
    if content is None:
        return None
    smaller = compressed(content) if name.lower().endswith(".png") else content
    return f"data:{TYPES[Path(name).suffix.lower()]};base64,{base64.b64encode(smaller).decode()}"


def compressed(png: bytes) -> bytes:
    """A PNG with a palette of 256 colours, which plots do not need more of; as it was, if that is no smaller."""
    buffer, image = io.BytesIO(), Image.open(io.BytesIO(png)).convert("RGB")
    # Other ways to choose a palette give rare colours, such as a few points' own, to their neighbours.
    smaller = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    smaller.save(buffer, "PNG", optimize=True)
    return min(buffer.getvalue(), png, key=len)


def source(run: str, artifact: str) -> str:
    """Where our picture is from, in words."""
    return f"{run}: {artifact}" if run else artifact


def anchor(run: str, artifact: str) -> str:
    """The id of a picture's section."""
    return slug(source(run, artifact))


def file_name(text: str) -> str:
    """Text as the name of a file, in no other folder."""
    return re.sub(r"[^\w-]+", "-", text)


def slug(text: str) -> str:
    """Text as an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
