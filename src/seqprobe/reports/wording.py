"""The results of a comparison in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import exp

from seqprobe.learned import DEFAULT_LIMITS
from seqprobe.reports.comparison import BEST, BETTER, EQUIVALENT, TOO_FEW, UNDECIDED, UNRANKED, WORSE, Comparison, Pair
from seqprobe.reports.margins import OF_SHARES, is_accuracy, margin_of
from seqprobe.reports.needed_seeds import needed_seeds
from seqprobe.reports.ranking import FEWEST, exceeds
from seqprobe.reports.statistics import LEVEL, MOST_SEEDS
from seqprobe.scoring import RMSE, MetricName, Score

TERMINAL_MARKS = {BEST: " ★", UNRANKED: " †", "": ""}
PAGE_MARKS = {BEST: "★ best", UNRANKED: "not ranked", "": ""}
PAPER_MARKS = {BEST: " (best)", UNRANKED: " †", "": ""}
"""What `ScoreSummary.mark` looks like in a terminal, on a page, and in Markdown and LaTeX."""
OUTCOME_WORDS = (
    f"Solved: the validation closes at least {DEFAULT_LIMITS.solved:.0%} of the gap from the constant predictor to the "
    f"best possible one (to 0 for an error and 1 for an accuracy where that is not known); learned: at least "
    f"{DEFAULT_LIMITS.learned:.0%}. If fewer than half of a model's seeds learned the task, the model did not learn it."
).replace("%", " %")
"""What the words for seeds mean; a task may state other limits."""
BEST_WORDS = "Best: better than every other model or equivalent to it, and better than the constant predictor."


def score_label(metric: str, score: Score) -> str:
    """A score's name in tables, with its unit: a probe's RMSE by the names of the probe and the band alone."""
    part = MetricName.parse(metric)
    short = "/".join(filter(None, [part.probe, part.band, part.measure if part.measure != RMSE.name else ""]))
    return (short if part.group == "probe" else metric) + (f" ({score.unit})" if score.unit else "")


def difference_text(pair: Pair) -> str:
    """How far two models are apart: a ratio, points of accuracy, a difference in the score's unit, or two shares."""
    if pair.shares is not None:
        texts = [f"{solved} of {seeds}" for solved, seeds in zip(pair.shares.solved, pair.shares.seeds, strict=True)]
        return f"{' against '.join(texts)} solved"
    if pair.difference is None:
        return ""
    median, low, high, _ = pair.difference.interval
    if pair.score.log:
        return f"{ratio(median):.3g} times [{ratio(low):.3g}, {ratio(high):.3g}]"
    if is_accuracy(pair.score):
        return f"{100 * median:+.2g} points [{100 * low:+.2g}, {100 * high:+.2g}]"
    unit = f" {pair.score.unit}" if pair.score.unit else ""
    return f"{median:+.2g}{unit} [{low:+.2g}, {high:+.2g}]"


def ratio(difference: float) -> float:
    """The ratio that a difference of logarithms stands for, limited to what a float can hold."""
    return exp(max(-700.0, min(difference, 700.0)))


def verdict(pair: Pair) -> str:
    """The word on two models, with what it takes to decide where they are undecided."""
    detail = ""
    if pair.word == TOO_FEW:
        detail = f"{pair.common} in common, {FEWEST} needed"
    elif pair.word == UNDECIDED:
        detail = needed_text(pair)
    return pair.word + (f": {detail}" if detail else "")


def needed_text(pair: Pair) -> str:
    """How many seeds are needed to confirm the observed difference, and to detect one as large as the margin."""
    needed, margin = needed_seeds(pair), OF_SHARES if pair.shares else margin_of(pair.score)
    texts = (
        [] if needed.observed is None else [f"{seeds_text(needed.observed)} needed to confirm the observed difference"]
    )
    if needed.margin is not None and margin is not None:
        if needed.margin <= pair.common:
            texts.append(f"with these {pair.common}, one of {margin.name} would probably have been detected")
        elif texts:
            texts.append(f"{count_text(needed.margin)} to detect one of {margin.name}")
        else:
            texts.append(f"{seeds_text(needed.margin)} needed to detect a difference of {margin.name}")
    return ", ".join(texts)


def seeds_text(count: int) -> str:
    """About so many seeds."""
    return f"{count_text(count)} seeds"


def count_text(count: int) -> str:
    """About so many."""
    return f"more than {MOST_SEEDS:,}" if count >= MOST_SEEDS else f"about {count:,}"


def sentence(pair: Pair) -> str:
    """The verdict on two models as a clause: ``gru is better than rnn (5 of 5 against 1 of 5 solved)``."""
    size = difference_text(pair)
    if pair.word in (BETTER, WORSE):
        return f"{pair.first} is {pair.word} than {pair.second} ({size})"
    if pair.word == EQUIVALENT:
        return f"{pair.first} and {pair.second} are equivalent ({size})"
    word, _, detail = verdict(pair).partition(": ")
    return (
        f"{pair.first} and {pair.second}: {word}" + (f" ({size})" if size else "") + (f"; {detail}" if detail else "")
    )


def sentences(comparison: Comparison) -> list[str]:
    """A sentence for each score: the best models or what is decided, and which are no better than a constant."""
    lines = []
    for metric, score in comparison.scores.items():
        label = score_label(metric, score)
        if score.better is None:
            lines.append(f"{label}: descriptive; models are not ranked by it")
        else:
            others = [*models_below_constant(comparison, metric), *unranked_models(comparison, metric)]
            lines.append(f"{label}: {'; '.join([conclusion(comparison, metric), *others])}")
    return lines


def conclusion(comparison: Comparison, metric: str) -> str:
    """The best models by a score, or why there is none."""
    best = [variant.name for variant in comparison.variants if comparison.summaries[variant.name, metric].mark == BEST]
    pairs = [pair for pair in comparison.pairs if pair.metric == metric and pair.word != TOO_FEW]
    if best:
        return f"{names_text(best)} {'is' if len(best) == 1 else 'are equivalent and'} best"
    if not pairs:
        return "not compared"
    if all(pair.word == EQUIVALENT for pair in pairs):
        return f"{names_text(models_of(pairs))} are equivalent"
    decided = decided_text(pairs)
    if not decided:
        return sentence(pairs[0]) if len(pairs) == 1 else "undecided"
    return f"no model is best; {decided}"


def decided_text(pairs: Sequence[Pair]) -> str:
    """Which models are better than which: ``gru is better than lstm and rnn``."""
    beaten = defaultdict[str, list[str]](list)
    for pair in pairs:
        if pair.word in (BETTER, WORSE):
            better, worse = (pair.first, pair.second) if pair.word == BETTER else (pair.second, pair.first)
            beaten[better].append(worse)
    groups = defaultdict[tuple[str, ...], list[str]](list)
    for better, all_worse in beaten.items():
        groups[tuple(all_worse)].append(better)
    return ", ".join(
        f"{names_text(all_better)} {'is' if len(all_better) == 1 else 'are'} better than {names_text(all_worse)}"
        for all_worse, all_better in groups.items()
    )


def models_below_constant(comparison: Comparison, metric: str) -> list[str]:
    """Which of the ranked models are no better than the constant predictor by a score, if any."""
    level, score = comparison.levels.get(metric, {}).get("constant"), comparison.scores[metric]
    if level is None:
        return []
    summaries = {variant.name: comparison.summaries[variant.name, metric] for variant in comparison.variants}
    ranked = {name: summary for name, summary in summaries.items() if summary.values and summary.mark != UNRANKED}
    below = [name for name, summary in ranked.items() if not exceeds(score, summary.values, level)]
    if not below:
        return []
    return [f"no better than the constant predictor: {names_text(below) if below != [*ranked] else 'all models'}"]


def unranked_models(comparison: Comparison, metric: str) -> list[str]:
    """Which models are not ranked by a score, and why."""
    summaries = {variant.name: comparison.summaries[variant.name, metric] for variant in comparison.variants}
    unlearned = [name for name, summary in summaries.items() if summary.mark == UNRANKED and summary.values]
    pairs = [pair for pair in comparison.pairs if pair.metric == metric]
    compared = models_of([pair for pair in pairs if pair.word != TOO_FEW])
    few = [name for name in models_of(pairs) if name not in compared]
    reasons = {"did not learn the task": unlearned, f"fewer than {FEWEST} seeds in common with others": few}
    return [f"not ranked: {names_text(names)} ({reason})" for reason, names in reasons.items() if names]


def models_of(pairs: Sequence[Pair]) -> list[str]:
    """The models in pairs."""
    return list(dict.fromkeys(name for pair in pairs for name in (pair.first, pair.second)))


def names_text(names: Sequence[str]) -> str:
    """``gru, lstm and rnn``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def counts_text(compared: Sequence[Comparison]) -> str:
    """How many comparisons there are, and how many of them chance alone may decide."""
    families = [count for comparison in compared for count in comparison.tested.values() if count]
    pairs, total = sum(families), len(families)
    if not families:
        return "No two models are compared."
    return (
        f"{pairs} comparison{'s' if pairs > 1 else ''} of two models, in {total} "
        f"famil{'ies' if total > 1 else 'y'} (one for each task and score, corrected by Holm). If all models were "
        f"equally good, at most {LEVEL:.0%} of the families would contain a false “better”: {LEVEL * total:.2g} on "
        "average."
    ).replace("%", " %")
