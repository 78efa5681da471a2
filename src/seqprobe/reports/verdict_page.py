"""The page of a reproduction: every claim with its verdict, its measurement and its figure, in one HTML file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from seqprobe.reports.claims import FigureSource, Part, PartVerdict, Verdict
from seqprobe.reports.claims.verdict import FAILS, HOLDS, IN_PART, MORE, NOT_MEASURED, OF_SOME
from seqprobe.reports.page import render_page, slug
from seqprobe.reports.page_pictures import PagePictures
from seqprobe.reports.verdict_table import (
    margin_text,
    measured_text,
    seeds_text,
    share_text,
    verdict_counts,
    verdict_text,
)

STYLES = {HOLDS: "holds", IN_PART: "part", OF_SOME: "some", MORE: "more", FAILS: "fails", NOT_MEASURED: "not"}
"""The style sheet's class of each verdict."""
ORDER = (FAILS, MORE, IN_PART, OF_SOME, HOLDS, NOT_MEASURED)
"""Verdicts as the page shows them: what is not as the posts say comes first."""
POSTS = ("Lstm Toy Examples", "Long-term short-term memory", "Making sense of LSTMs by example")
"""Titles of the posts, by number."""
ADDRESSES = {1: "http://kbullaughey.github.io/lstm-play/lstm/"}
"""Where a post can be read, as far as that is known."""
HEADINGS = {1: ("Adapting our toy", "Training and performance")}
"""Headings to which a link can lead there."""
Pictures = Callable[[FigureSource], bytes | None]
"""The content of one of our pictures, or None where there is none."""


@dataclass(frozen=True)
class PicturePair:
    """A picture of a post, and which of ours shows the same.

    Attributes:
        original: its path below the folder of originals.
        shows: what it shows, in words.
        ours: where our picture is from.
    """

    original: str
    shows: str
    ours: FigureSource
    caption: str


@dataclass(frozen=True)
class PageMaker:
    """What the entries of a page are made from; ``originals`` is the folder with the posts' pictures, or None."""

    pairs: Sequence[PicturePair]
    pictures: Pictures
    originals: Path | None
    embedded: PagePictures

    def claim(self, verdict: Verdict) -> Mapping[str, object]:
        """What the template shows of a verdict."""
        claim = verdict.claim
        pair = next((pair for pair in self.pairs if is_at(pair, claim.place) and is_of(pair, claim.post)), None)
        return {
            "anchor": slug(claim.name),
            "post": post_title(claim.post),
            "says": claim.says,
            "place": claim.place,
            "link": f"#{pair_anchor(pair)}" if pair else place_address(claim.post, claim.place),
            "kind": claim.kind,
            "parts": [part_entry(result.part, result) for result in verdict.parts]
            or [part_entry(part) for part in claim.parts],
            "verdict": verdict_text(verdict),
            "style": STYLES[verdict.word],
            "is_open": verdict.word in (FAILS, MORE, IN_PART),
            "source": str(claim.figure),
            "ours": self.embedded.embed(str(claim.figure), self.pictures(claim.figure)),
            "original": self.original(pair) if pair else None,
        }

    def original(self, pair: PicturePair) -> Mapping[str, object]:
        """What the template shows of a post's picture."""
        path = self.originals / pair.original if self.originals else None
        content = path.read_bytes() if path and path.is_file() else None
        return {
            "name": pair.original,
            "shows": pair.shows,
            "picture": self.embedded.embed(f"original {pair.original}", content),
        }

    def pair(self, pair: PicturePair) -> Mapping[str, object]:
        """What the template shows of a pair."""
        return {
            "anchor": pair_anchor(pair),
            "caption": pair.caption,
            "source": str(pair.ours),
            "original": self.original(pair),
            "ours": self.embedded.embed(str(pair.ours), self.pictures(pair.ours)),
        }


def page(
    verdicts: Sequence[Verdict],
    pairs: Sequence[PicturePair],
    pictures: Pictures,
    originals: Path | None,
    about: str,
    command: str,
    findings: str = "",
) -> str:
    """The page as HTML, what fails first, and the posts' own claims before ours.

    Args:
        findings: the address of the essay about them; empty without one.
    """
    maker, counts = PageMaker(pairs, pictures, originals, PagePictures()), verdict_counts(verdicts)
    ordered = sorted(verdicts, key=lambda one: (ORDER.index(one.word), one.claim.kind != "post"))
    groups = [
        (STYLES[word], word, [maker.claim(verdict) for verdict in ordered if verdict.word == word])
        for word in ORDER
        if counts[word]
    ]
    shown = [maker.pair(pair) for pair in pairs]
    return render_page(
        "verdict_page.html.j2",
        about=about,
        command=command,
        findings=findings,
        groups=groups,
        pairs=shown,
        has_originals=originals is not None,
        pictures=list(maker.embedded.embedded.values()),
    )


def post_title(post: int | None) -> str:
    """A post's number and title; empty for a claim about something else."""
    if post is None:
        return ""
    return f"post {post}, {POSTS[post]}" if post in range(len(POSTS)) else f"post {post}"


def place_address(post: int | None, place: str) -> str:
    """The address of a place in a post, by its heading; empty where that is not known."""
    heading = place.split(", ")[0]
    if post not in ADDRESSES or heading not in HEADINGS[post]:
        return ""
    return f"{ADDRESSES[post]}#:~:text={quote(heading)}"


def is_at(pair: PicturePair, place: str) -> bool:
    """Whether a claim's place, such as ``Sine, sines.png``, names the post's picture of a pair."""
    return PurePosixPath(pair.original).name in place.split(", ")


def is_of(pair: PicturePair, post: int | None) -> bool:
    """Whether a pair's picture is of the post with this number."""
    return pair.original.startswith(f"post{post}/")


def pair_anchor(pair: PicturePair) -> str:
    """The id of a pair in the page."""
    return slug(pair.original)


def part_entry(part: Part, result: PartVerdict | None = None) -> Mapping[str, str]:
    """What the template shows of a part, with its result if it was measured."""
    shown = {"says": part.says, "quantity": part.quantity, "allowed": part.allowed, "why": part.why}
    if result is None:
        return {**shown, "measured": "", "margin": "", "seeds": "", "share": "", "verdict": "", "style": "not"}
    return {
        **shown,
        "measured": measured_text(result),
        "margin": margin_text(result),
        "seeds": seeds_text(result),
        "share": share_text(result),
        "verdict": result.word if part.says else "",
        "style": STYLES[result.word],
    }
