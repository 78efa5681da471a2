"""What a comparison found, in plain words."""

from __future__ import annotations

from math import exp, log

from seqprobe.reports.comparison import Cell, Comparison, Pair, higher_is_better
from seqprobe.reports.statistics import MOST_SEEDS, seeds_needed
from seqprobe.reports.table import shortened

WORTH_SEEING = {True: (0.01, "1 point"), False: (log(1.1), "10 %")}
"""For accuracies and for errors: a difference that people would care for, and its name."""


def numbers(cell: Cell) -> str:
    """Median and interval."""
    if cell.interval is None:
        return ""
    found = cell.interval
    return f"{found.median:.3g}" if found.n == 1 else f"{found.median:.3g} [{found.low:.2g}, {found.high:.2g}]"


def size(pair: Pair) -> str:
    """How far two models are apart: how many times one's error is the other's, or points of accuracy."""
    if pair.difference is None:
        return ""
    median, low, high, _ = pair.difference.interval
    if higher_is_better(pair.score):
        return f"{100 * median:+.2g} points [{100 * low:+.2g}, {100 * high:+.2g}]"
    return f"{exp(median):.3g} times [{exp(low):.3g}, {exp(high):.3g}]"


def verdict(pair: Pair) -> str:
    """What the seeds say of two models."""
    if pair.difference is None:
        return "not compared: fewer than two seeds in common"
    accuracy, found = higher_is_better(pair.score), pair.difference
    if pair.real:
        first_is_better = (found.interval.median > 0) == accuracy
        return f"{pair.first if first_is_better else pair.second} is better"
    worth, name = WORTH_SEEING[accuracy]
    if found.spread == 0:
        return "no difference at all"
    needed = seeds_needed(worth / found.spread)
    if needed <= found.interval.n:
        return f"no detectable difference; these {found.interval.n} seeds would have shown {name}"
    many = f"more than {MOST_SEEDS:,}" if needed >= MOST_SEEDS else f"about {needed:,}"
    return f"no detectable difference; {many} seeds would be needed to see {name}"


def summary(found: Comparison) -> list[str]:
    """A sentence for each score: which model is best, and which cannot be told from it."""
    lines = []
    for score in found.scores:
        marks = {each.name: found.cells[each.name, score].mark for each in found.variants}
        best = [name for name, mark in marks.items() if mark == "best"]
        tied = [name for name, mark in marks.items() if mark == "tied"]
        if best and tied:
            lines.append(f"{shortened(score)}: {best[0]} has the best median, indistinguishable from {', '.join(tied)}")
        elif best:
            lines.append(f"{shortened(score)}: {best[0]} is best")
    return lines or [refusal(found)]


def refusal(found: Comparison) -> str:
    """Why nothing is called best."""
    most = max((len(cell.values) for cell in found.cells.values()), default=0)
    if most < 2:
        return "no model is called best: one seed is no evidence"
    return "no model is called best: there is no other with two seeds or more to compare it with"
