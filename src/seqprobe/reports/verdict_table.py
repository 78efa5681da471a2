"""Verdicts on claims as a table, to print and to keep."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
from rich.table import Table

from seqprobe.reports.claims import Verdict

COLORS = {"holds": "green", "partly": "yellow", "fails": "red", "not measured": "magenta"}


def measured(verdict: Verdict) -> str:
    """The median with its interval over seeds, in words."""
    if verdict.interval is None:
        return verdict.reason or "no seed has a number"
    found = verdict.interval
    if found.low == found.high:
        return said(found.median, 4)
    return f"{said(found.median, 3)} [{said(found.low, 2)}, {said(found.high, 2)}]"


def said(number: float, digits: int) -> str:
    """A number in so many digits; what is infinitely many examples away is never reached."""
    return "never" if math.isinf(number) else f"{number:.{digits}g}"


def counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many claims hold, hold partly, fail, and were not measured."""
    return {word: sum(verdict.word == word for verdict in verdicts) for word in COLORS}


def frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per claim."""
    return pd.DataFrame(
        [
            {
                "post": each.claim.post,
                "claim": each.claim.says,
                "quantity": each.claim.quantity,
                "true_if": each.claim.allowed,
                "median": each.interval.median if each.interval else None,
                "low": each.interval.low if each.interval else None,
                "high": each.interval.high if each.interval else None,
                "seeds_true": each.seeds[0],
                "seeds": each.seeds[1],
                "verdict": each.word,
                "run": each.claim.evidence.figure[0],
                "figure": each.claim.evidence.figure[1],
                "reason": each.reason,
            }
            for each in verdicts
        ]
    )


def table(verdicts: Sequence[Verdict]) -> Table:
    """The table that is printed."""
    drawn = Table(
        title="What the posts say, and what was measured. Median \\[interval] over seeds.", title_justify="left"
    )
    for name in ("post", "the post says", "measured of each seed", "median", "true if", "seeds", "verdict", "figure"):
        drawn.add_column(name, justify="right" if name == "median" else "left", overflow="fold")
    post = None
    for each in verdicts:
        if post is not None and each.claim.post != post:
            drawn.add_section()
        post, (run, artifact) = each.claim.post, each.claim.evidence.figure
        drawn.add_row(
            str(post),
            each.claim.says,
            each.claim.quantity,
            measured(each).replace("[", "\\["),
            each.claim.allowed,
            f"{each.seeds[0]} of {each.seeds[1]}",
            f"[{COLORS[each.word]}]{each.word}[/]",
            f"{run}: {artifact}" if run else artifact,
        )
    return drawn
