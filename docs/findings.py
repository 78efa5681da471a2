"""What docs/findings.md tells: claims that fail or surprise, each with its numbers, one sentence why, and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from matplotlib.axes import Axes

from seqprobe.figures import png
from seqprobe.figures.style import OKABE_ITO, dress, figure
from seqprobe.reports.page import slug
from seqprobe.reports.page_pictures import compressed_png

DOCS = Path(__file__).parent
IMAGES = DOCS / "images"
TELLING = ("fails", "more than said", "true in part", "true of some seeds")
"""Verdicts of which a claim is told."""
LISTED = ("fails", "more than said")
"""Verdicts of which a claim is listed at least."""
ALLOWED = "#CDE7DC"
"""The colour of the numbers for which a claim is true."""

Row = Mapping[str, str]
Claims = Mapping[str, Sequence[Row]]
"""The rows of each claim, one for each of its parts, by its name."""


def chapters() -> list[dict[str, Any]]:
    """The content of findings.yaml."""
    content: list[dict[str, Any]] = yaml.safe_load((DOCS / "findings.yaml").read_text(encoding="utf-8"))
    return content


def by_claim(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows by their claims."""
    claims: dict[str, list[Row]] = {}
    for row in rows:
        claims.setdefault(row["claim"], []).append(row)
    return claims


def findings_text(claims: Claims, sentence: Callable[[Row], str]) -> str:
    """All chapters, and what else fails.

    Args:
        sentence: what was measured of a part, in words.
    """
    parts, told = list[str](), set[str]()
    for chapter in chapters():
        shown = {name: of for name, of in chapter["claims"].items() if is_told(claims, name)}
        told |= shown.keys()
        texts = [finding_text(claims[name], of, sentence) for name, of in shown.items()]
        parts += [f"## {chapter['about']}", *texts] if texts else []
    rest = [rows for name, rows in claims.items() if name not in told and rows[0]["verdict"] in LISTED]
    if rest:
        lines = [f"- {rows[0]['says']} **{rows[0]['verdict']}**: {sentence(rows[0])}" for rows in rest]
        parts += ["## And also", "\n".join(lines)]
    return "\n\n".join(parts)


def is_told(claims: Claims, name: str) -> bool:
    """Whether a claim was measured, and its verdict is not that it holds."""
    return name in claims and claims[name][0]["verdict"] in TELLING


def finding_text(rows: Sequence[Row], finding: Mapping[str, str], sentence: Callable[[Row], str]) -> str:
    """One finding: the claim, its verdict, the numbers of each part, why, and its figures."""
    first = rows[0]
    source = f"post {first['post']}, {first['place']}" if first["kind"] == "post" else "our own"
    verdict = f"{first['verdict']}: {first['detail']}" if first["detail"] else first["verdict"]
    halves = [f"*{row['part']}*: " if row["part"] else "" for row in rows]
    measured = [f"- {half}{sentence(row)}" for half, row in zip(halves, rows, strict=True)]
    pictures = [f"![The numbers beside their limits](images/findings/{slug(first['claim'])}.png)"]
    if "figure" in finding:
        pictures.append(f"![{first['says'].rstrip('.')}](images/reproduction/{finding['figure']}.png)")
    lead = f"**{verdict}** ({source}). {finding['why']}"
    return "\n\n".join([f"### {first['says']}", lead, "\n".join(measured), *pictures])


def write_strips(claims: Claims) -> None:
    """Draw the numbers of every claim that is told into images/findings, and remove what is no longer told."""
    names = [name for chapter in chapters() for name in chapter["claims"] if is_told(claims, name)]
    (IMAGES / "findings").mkdir(parents=True, exist_ok=True)
    for old in (IMAGES / "findings").glob("*.png"):
        old.unlink()
    for name in names:
        (IMAGES / "findings" / f"{slug(name)}.png").write_bytes(number_strip(claims[name]))


def number_strip(rows: Sequence[Row]) -> bytes:
    """A PNG of a claim's numbers: for each part the limits as an area, the interval as a bar, the median as a mark."""
    drawing = figure(7.0, 0.25 + 0.62 * len(rows))
    for index, row in enumerate(rows):
        axes = drawing.add_subplot(len(rows), 1, index + 1)
        dress(axes)
        draw_numbers(axes, *(number(row[key]) for key in ("median", "low", "high")), *limits(row["allowed"]))
        if len(rows) > 1:
            axes.set_ylabel(row["part"], rotation=0, ha="right", va="center", fontsize=8.5)
    return compressed_png(png(drawing))


def draw_numbers(axes: Axes, median: float, low: float, high: float, least: float, most: float) -> None:
    """Draw a median with its interval, and the numbers from ``least`` to ``most`` as an area; infinities at the end."""
    known = [value for value in (median, low, high, least, most) if np.isfinite(value)]
    is_log = min(known) > 0 and max(known) > 30 * min(known)
    ends = np.log10(known) if is_log else np.array(known)
    margin = 0.12 * (float(np.ptp(ends)) or abs(float(ends[0])) or 1.0)
    left, right = ends.min() - margin, ends.max() + margin
    start, end = (10**left, 10**right) if is_log else (left, right)
    axes.set(xscale="log" if is_log else "linear", xlim=(start, end), ylim=(-1, 1), yticks=[])
    axes.axvspan(max(least, start), min(most, end), color=ALLOWED, linewidth=0)
    axes.plot([max(low, start), min(high, end)], [0, 0], color=OKABE_ITO[0], linewidth=4, alpha=0.45)
    axes.plot(min(median, end), 0, "D" if np.isfinite(median) else ">", color=OKABE_ITO[0], markersize=7, clip_on=False)
    axes.spines["left"].set_visible(False)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def number(text: str) -> float:
    """A number of the table; NaN where there is none."""
    return float(text) if text else np.nan


def limits(allowed: str) -> tuple[float, float]:
    """The least and greatest number for which a part is true: of ``at most 2``, ``at least 1``, ``1 to 2`` or ``7``."""
    if allowed.startswith("at most "):
        return -np.inf, float(allowed.removeprefix("at most "))
    if allowed.startswith("at least "):
        return float(allowed.removeprefix("at least ")), np.inf
    low, _, high = allowed.partition(" to ")
    return float(low), float(high or low)
