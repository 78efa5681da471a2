"""Rows of docs/verdicts.csv in words."""

from __future__ import annotations

from collections.abc import Mapping

from seqprobe.reports.number_format import number_text

Row = Mapping[str, str]


def number(text: str) -> str:
    """A measured number with three digits; a dash where there is none, and where it is infinite, ``never``."""
    return "–" if not text else number_text(float(text), infinite="never")


def measured(row: Row) -> str:
    """The median over seeds with its interval."""
    if row["low"] == row["high"]:
        return number(row["median"])
    return f"{number(row['median'])} [{number(row['low'])}, {number(row['high'])}]"


def seeds(row: Row) -> str:
    """Of how many seeds a part is true, and which share of all seeds that shows; a count is true or not."""
    if not row["share"]:
        return "yes" if row["seeds_true"] == "1" else "no"
    return f"{row['seeds_true']} of {row['seeds']}, {row['share']}"


def verdict(row: Row) -> str:
    """The verdict, with how much more than said it is."""
    return f"{row['verdict']}: {row['detail']}" if row["detail"] else row["verdict"]


def measured_sentence(row: Row) -> str:
    """What was measured of a part, in words."""
    margin = f", {row['margin']}" if row["margin"] else ""
    return f"{row['quantity']}: **{measured(row)}**; true if {row['allowed']}{margin}; true of {seeds(row)}."
