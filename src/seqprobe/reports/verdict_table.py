"""Verdicts on claims as a table, to print and to write to a file."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.table import Table

from seqprobe.reports.claims import Verdict
from seqprobe.reports.claims.recorded_run import run_title
from seqprobe.reports.number_format import interval_text

COLORS = {"holds": "green", "partly": "yellow", "fails": "red", "not measured": "magenta"}
HEADINGS = ("post", "the claim", "measured of each seed", "median", "true if", "seeds", "verdict", "figure")


def measured_text(verdict: Verdict) -> str:
    """The median with its interval over seeds, or why there is none."""
    if verdict.interval is None:
        return verdict.reason or "no seed has a number"
    return interval_text(verdict.interval, infinite="never")  # an infinite count of examples: the level was not reached


def verdict_counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many claims hold, hold partly, fail, and were not measured."""
    return {word: sum(verdict.word == word for verdict in verdicts) for word in COLORS}


def verdict_frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per claim; medians and intervals have four digits, so that equal results give equal files."""
    return pd.DataFrame([verdict_row(verdict) for verdict in verdicts]).astype({"post": "Int64"})


def verdict_row(verdict: Verdict) -> dict[str, object]:
    """A verdict as a row of the table that is written."""
    claim, interval = verdict.claim, verdict.interval
    median, low, high = (None, None, None) if interval is None else (float(f"{end:.4g}") for end in interval[:3])
    return {
        "claim": claim.name,
        "post": claim.post,
        "place": claim.place,
        "kind": claim.kind,
        "says": claim.says,
        "quantity": claim.quantity,
        "verdict": verdict.word,
        "seeds_true": verdict.seeds[0],
        "seeds": verdict.seeds[1],
        "median": median,
        "low": low,
        "high": high,
        "allowed": claim.allowed,
        "why": claim.why,
        "run": run_title(claim.figure.run),
        "figure": claim.figure.artifact,
        "reason": verdict.reason,
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
        table.add_row(
            "" if claim.post is None else str(claim.post),
            claim.says,
            claim.quantity,
            measured_text(verdict).replace("[", "\\["),
            claim.allowed,
            f"{verdict.seeds[0]} of {verdict.seeds[1]}",
            f"[{COLORS[verdict.word]}]{verdict.word}[/]",
            str(claim.figure),
        )
    return table
