"""The results of a comparison in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

from seqprobe.reports.comparison import Comparison, Pair, ScoreSummary
from seqprobe.reports.statistics import MOST_SEEDS, seeds_needed
from seqprobe.scoring import ACCURACY, RMSE, MetricName, Score

POINT, TENTH = (0.01, "1 point"), (log(1.1), "10 %")
"""Differences that matter in practice, with their names: of accuracies, and of logarithms of errors."""
TERMINAL_MARKS = {"best": " ★", "tied": " ≈", "": ""}
PAGE_MARKS = {"best": "★ best", "tied": "≈ best", "": ""}
PAPER_MARKS = {"best": " (best)", "tied": " (≈ best)", "": ""}
"""What `ScoreSummary.mark` looks like in a terminal, on a page, and in Markdown and LaTeX."""


def score_label(metric: str, score: Score) -> str:
    """A score's name in tables, with its unit: a probe's RMSE by the probe's name alone."""
    part = MetricName.parse(metric)
    short = "/".join([part.probe, *([part.measure] if part.measure != RMSE.name else [])])
    return (short if part.group == "probe" else metric) + (f" ({score.unit})" if score.unit else "")


def difference_text(pair: Pair) -> str:
    """How far two models are apart: a ratio, points of accuracy, or a difference in the score's unit."""
    if pair.difference is None:
        return ""
    median, low, high, _ = pair.difference.interval
    if pair.score.log:
        return f"{ratio(median):.3g} times [{ratio(low):.3g}, {ratio(high):.3g}]"
    if pair.score == ACCURACY:
        return f"{100 * median:+.2g} points [{100 * low:+.2g}, {100 * high:+.2g}]"
    unit = f" {pair.score.unit}" if pair.score.unit else ""
    return f"{median:+.2g}{unit} [{low:+.2g}, {high:+.2g}]"


def ratio(difference: float) -> float:
    """The ratio that a difference of logarithms stands for, limited to what a float can hold."""
    return exp(max(-700.0, min(difference, 700.0)))


def verdict(pair: Pair, family: int = 1) -> str:
    """The conclusion from two models' seeds; ``family`` is how many pairs are compared together."""
    if pair.difference is None:
        return "not compared: fewer than two seeds in common"
    difference = pair.difference
    if pair.real:
        first_is_better = (difference.interval.median > 0) == (pair.score.better == "higher")
        return f"{pair.first if first_is_better else pair.second} is better"
    if difference.spread == 0:
        return "no difference at all"
    if not pair.score.log and pair.score != ACCURACY:
        return "no detectable difference"
    worth, name = TENTH if pair.score.log else POINT
    needed = seeds_needed(worth / difference.spread, family)
    if needed <= difference.interval.n:
        return f"no detectable difference; these {difference.interval.n} seeds would most likely have shown {name}"
    many = f"more than {MOST_SEEDS:,}" if needed >= MOST_SEEDS else f"about {needed:,}"
    return f"no detectable difference; {many} seeds would be needed to see {name}"


def sentences(comparison: Comparison) -> list[str]:
    """A sentence for each score: the best model and those statistically tied with it, and how many seeds it has."""
    lines = []
    for metric, score in comparison.scores.items():
        summaries = {variant.name: comparison.summaries[variant.name, metric] for variant in comparison.variants}
        totals = {variant.name: len(variant.states) for variant in comparison.variants}
        label = score_label(metric, score)
        if score.better is None:
            lines.append(f"{label}: descriptive; models are not ranked by it")
        elif any(summary.mark == "best" for summary in summaries.values()):
            lines.append(f"{label}: {best_sentence(summaries, totals)}")
        else:
            lines.append(f"{label}: {refusal(summaries)}")
    return lines


def best_sentence(summaries: Mapping[str, ScoreSummary], totals: Mapping[str, int]) -> str:
    """Which model is best and which are tied with it; ``totals`` are numbers of seeds."""
    best = next(name for name, summary in summaries.items() if summary.mark == "best")
    tied = [name for name, summary in summaries.items() if summary.mark == "tied"]
    finite = len(summaries[best].values)
    counted = f" ({finite} of {totals[best]} seeds)" if finite < totals[best] else ""
    rank = f"has the best median{counted}, statistically tied with {', '.join(tied)}" if tied else f"is best{counted}"
    single = [name for name, summary in summaries.items() if len(summary.values) == 1]
    unranked = f"; {', '.join(single)}: one seed is no evidence" if single else ""
    return f"{best} {rank}{unranked}"


def refusal(summaries: Mapping[str, ScoreSummary]) -> str:
    """Why no model is called best by a score."""
    counts = sorted((len(summary.values) for summary in summaries.values()), reverse=True)
    if not counts or counts[0] == 0:
        return "no model is called best: no seed has a number"
    if counts[0] == 1:
        return "no model is called best: one seed is no evidence"
    if len(counts) < 2 or counts[1] < 2:
        return "no model is called best: no other model has two seeds or more to compare it with"
    return "no model is called best: the models do not share two seeds or more"
