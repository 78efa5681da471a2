"""What a comparison found, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

from seqprobe.reports.closing_table import shortened
from seqprobe.reports.comparison import Comparison, Pair, ScoreSummary, higher_is_better
from seqprobe.reports.statistics import MOST_SEEDS, seeds_needed

WORTH_SEEING = {True: (0.01, "1 point"), False: (log(1.1), "10 %")}
"""For accuracies and for errors: a difference that people would care for, and its name."""


def numbers(cell: ScoreSummary) -> str:
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
    return f"{ratio(median):.3g} times [{ratio(low):.3g}, {ratio(high):.3g}]"


def ratio(difference: float) -> float:
    """What a difference of logarithms stands for; no error is so many times another that it would not fit a number."""
    return exp(max(-700.0, min(difference, 700.0)))


def verdict(pair: Pair, family: int = 1) -> str:
    """What the seeds say of two models; ``family`` is how many pairs are looked at together."""
    if pair.difference is None:
        return "not compared: fewer than two seeds in common"
    accuracy, found = higher_is_better(pair.score), pair.difference
    if pair.real:
        first_is_better = (found.interval.median > 0) == accuracy
        return f"{pair.first if first_is_better else pair.second} is better"
    worth, name = WORTH_SEEING[accuracy]
    if found.spread == 0:
        return "no difference at all"
    needed = seeds_needed(worth / found.spread, family)
    if needed <= found.interval.n:
        return f"no detectable difference; these {found.interval.n} seeds would most likely have shown {name}"
    many = f"more than {MOST_SEEDS:,}" if needed >= MOST_SEEDS else f"about {needed:,}"
    return f"no detectable difference; {many} seeds would be needed to see {name}"


def summary(found: Comparison) -> list[str]:
    """A sentence for each score: which model is best, which cannot be told from it, and of how many of its seeds."""
    lines = []
    for score in found.scores:
        summaries = {each.name: found.summaries[each.name, score] for each in found.variants}
        totals = {each.name: len(each.states) for each in found.variants}
        best = next((name for name, cell in summaries.items() if cell.mark == "best"), None)
        tied = [name for name, cell in summaries.items() if cell.mark == "tied"]
        if best is None:
            lines.append(f"{shortened(score)}: {refusal(summaries)}")
            continue
        finite = len(summaries[best].values)
        counted = f" ({finite} of {totals[best]} seeds)" if finite < totals[best] else ""
        said = (
            f"has the best median{counted}, indistinguishable from {', '.join(tied)}" if tied else f"is best{counted}"
        )
        single = [name for name, cell in summaries.items() if len(cell.values) == 1]
        unranked = f"; {', '.join(single)}: one seed is no evidence" if single else ""
        lines.append(f"{shortened(score)}: {best} {said}{unranked}")
    return lines


def refusal(summaries: Mapping[str, ScoreSummary]) -> str:
    """Why nothing is called best by a score."""
    counts = sorted((len(cell.values) for cell in summaries.values()), reverse=True)
    if not counts or counts[0] == 0:
        return "no model is called best: no seed has a number"
    if counts[0] == 1:
        return "no model is called best: one seed is no evidence"
    if len(counts) < 2 or counts[1] < 2:
        return "no model is called best: there is no other with two seeds or more to compare it with"
    return "no model is called best: not all share two seeds or more to be compared on"
