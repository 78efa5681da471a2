"""Verdicts on claims as a table, to print and to write to a file."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.markup import escape
from rich.table import Table

from seqprobe.reports.claims import PartVerdict, Verdict
from seqprobe.reports.claims.recorded_run import run_title
from seqprobe.reports.claims.verdict import WORDS
from seqprobe.reports.number_format import interval_text, number_text

COLORS = dict(zip(WORDS, ("green", "yellow", "yellow", "cyan", "red", "magenta"), strict=True))
INTEGERS = ("post", "seeds_true", "seeds")
"""Columns of whole numbers, which may be missing."""
HEADINGS = ("post", "the claim", "measured of each seed", "median", "true if", "seeds", "verdict", "figure")


def measured_text(result: PartVerdict) -> str:
    """The median with its interval over seeds."""
    if result.interval is None:
        return "no seed has a number"
    return interval_text(result.interval, infinite="never")  # an infinite count of examples: the level was not reached


def margin_text(result: PartVerdict) -> str:
    """How far the median is inside or outside the limits: ``0.0136 inside``."""
    if result.margin is None:
        return ""
    if result.margin == 0:
        return "at the limit"
    return f"{number_text(abs(result.margin), 2, 'far')} {'inside' if result.margin > 0 else 'outside'}"


def limits_text(result: PartVerdict) -> str:
    """The limits, with the distance of the median from the nearest one: ``at most 0.02 (0.0136 inside)``."""
    margin = margin_text(result)
    return f"{result.part.allowed} ({margin})" if margin else result.part.allowed


def share_text(result: PartVerdict) -> str:
    """Which share of all seeds these can show: ``at least 55 %``."""
    if result.bounds is None:
        return ""
    low, high = (f"{100 * bound:.0f} %" for bound in result.bounds)
    true, seeds = result.seeds
    return f"at least {low}" if true == seeds else f"at most {high}" if true == 0 else f"{low} to {high}"


def seeds_text(result: PartVerdict) -> str:
    """Of how many seeds it is true; a number that is not of single seeds is true or not."""
    true, seeds = result.seeds
    return f"{true} of {seeds}" if result.part.measure.is_per_seed else "yes" if true else "no"


def verdict_text(verdict: Verdict) -> str:
    """The verdict in words, with how much more than said it is, or why it was not measured."""
    explained = verdict.detail or verdict.reason
    return f"{verdict.word}: {explained}" if explained else verdict.word


def verdict_counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many claims have each verdict."""
    return {word: sum(verdict.word == word for verdict in verdicts) for word in WORDS}


def verdict_frame(verdicts: Sequence[Verdict], engine: str) -> pd.DataFrame:
    """One row per part of a claim; numbers have four digits, so that equal results give equal files.

    Args:
        engine: which trained the populations.
    """
    rows = [row for verdict in verdicts for row in verdict_rows(verdict)]
    return pd.DataFrame([{**row, "engine": engine} for row in rows]).astype(dict.fromkeys(INTEGERS, "Int64"))


def verdict_rows(verdict: Verdict) -> list[dict[str, object]]:
    """A verdict as rows of the table that is written."""
    claim = verdict.claim
    results: Sequence[PartVerdict | None] = verdict.parts or [None] * len(claim.parts)
    return [
        {
            "claim": claim.name,
            "post": claim.post,
            "place": claim.place,
            "kind": claim.kind,
            "says": claim.says,
            "part": part.says,
            "quantity": part.quantity,
            "verdict": verdict.word,
            "detail": verdict.detail,
            **part_columns(result),
            "allowed": part.allowed,
            "why": part.why,
            "run": run_title(claim.figure.run),
            "figure": claim.figure.artifact,
            "reason": verdict.reason,
        }
        for part, result in zip(claim.parts, results, strict=True)
    ]


def part_columns(result: PartVerdict | None) -> dict[str, object]:
    """What was measured of a part; empty if it was not."""
    if result is None:
        return dict.fromkeys(("part_verdict", "seeds_true", "seeds", "share", "median", "low", "high", "margin"))
    interval = (None, None, None) if result.interval is None else result.interval[:3]
    median, low, high = (None if end is None else float(f"{end:.4g}") for end in interval)
    true, seeds = result.seeds
    return {
        "part_verdict": result.word,
        "seeds_true": true,
        "seeds": seeds,
        "share": share_text(result),
        "median": median,
        "low": low,
        "high": high,
        "margin": margin_text(result),
    }


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """The table that is printed."""
    table = Table(
        title="What the posts say, and what was measured. Median \\[interval] over seeds.", title_justify="left"
    )
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading == "median" else "left", overflow="fold")
    for index, verdict in enumerate(verdicts):
        claim = verdict.claim
        if index and claim.post != verdicts[index - 1].claim.post:
            table.add_section()
        for row, result in enumerate(verdict.parts):
            sentence = claim.says if claim.kind == "post" else f"{claim.says} ({claim.kind})"
            half = f"{result.part.says}: " if result.part.says else ""
            table.add_row(
                "" if claim.post is None or row else str(claim.post),
                "" if row else escape(sentence),
                escape(f"{half}{result.part.quantity}"),
                escape(measured_text(result)),
                escape(limits_text(result)),
                escape(", ".join(filter(None, [seeds_text(result), share_text(result)]))),
                "" if row else f"[{COLORS[verdict.word]}]{escape(verdict_text(verdict))}[/]",
                "" if row else escape(str(claim.figure)),
            )
    return table
