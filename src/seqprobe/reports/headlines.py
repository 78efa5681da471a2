"""Headlines of a comparison: what a reader should know first, from outcomes and decided comparisons alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seqprobe.reports.comparison import BEST, BETTER, WORSE, Comparison
from seqprobe.reports.ranking import exceeds
from seqprobe.reports.skill import closed_share
from seqprobe.reports.wording import names_text, score_label
from seqprobe.scoring import MetricName

MOST = 3
OUTSIDE = ("beyond", "far")
"""Bands outside the range of training."""
LEAST_SKILL = 0.1
"""The least share of the gap from the constant to the best possible predictor that counts as generalising."""


class Headline(NamedTuple):
    """A sentence, and the names of the tasks that it is about."""

    text: str
    tasks: Sequence[str]


def headlines(compared: Sequence[Comparison]) -> list[Headline]:
    """At most three: who generalises best, who alone learns, and what is better inside and worse outside.

    Every kind gives its strongest one, then its next one, until there are three.
    """
    kinds = (best_headlines, learner_headlines, reversal_headlines, lead_headlines, constant_headlines)
    ordered = [list(kind(compared)) for kind in kinds]
    by_rank = [kind[rank] for rank in range(max(map(len, ordered), default=0)) for kind in ordered if rank < len(kind)]
    return by_rank[:MOST]


def undecided_headline(compared: Sequence[Comparison]) -> str:
    """The sentence in place of headlines where there are none."""
    counts = sorted({len(variant.states) for comparison in compared for variant in comparison.variants})
    if not counts:
        return "Nothing is compared."
    seeds = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else str(counts[0])
    return f"No difference is decided with {seeds} seed{'' if seeds == '1' else 's'}."


def learner_headlines(compared: Sequence[Comparison]) -> Iterator[Headline]:
    """Which models learn tasks that others do not; first where fewest do."""
    tasks = defaultdict[tuple[tuple[str, ...], tuple[str, ...]], list[str]](list)
    for comparison in compared:
        judged = [variant for variant in comparison.variants if variant.solved]
        learners = tuple(variant.name for variant in judged if variant.has_learned)
        others = tuple(variant.name for variant in judged if not variant.has_learned)
        if learners and others:
            tasks[learners, others].append(comparison.task)
    for (learners, others), names in sorted(tasks.items(), key=lambda item: (len(item[0][0]), -len(item[1]))):
        if len(learners) == 1 and len(others) > 1:
            yield Headline(f"{learners[0]} is the only one that learns {names_text(names)}.", names)
        else:
            unable, able = ("does" if len(group) == 1 else "do" for group in (others, learners))
            text = f"{names_text(others)} {unable} not learn {names_text(names)}; {names_text(learners)} {able}."
            yield Headline(text, names)


def best_headlines(compared: Sequence[Comparison]) -> Iterator[Headline]:
    """Which models alone are best outside the range of training, by any probe of a task, and worse by none."""
    tasks = defaultdict[str, list[str]](list)
    for comparison in compared:
        outside = [metric for metric in comparison.scores if is_outside(metric)]
        able = {(name, metric) for metric in outside for name in generalising(comparison, metric)}
        best = {name for name, metric in able if comparison.summaries[name, metric].mark == BEST}
        beaten = {loser for metric in outside for _, loser in wins(comparison, metric)}
        if len(best) == 1 and not best & beaten:
            tasks[best.pop()].append(comparison.task)
    for name in sorted(tasks, key=lambda name: -len(tasks[name])):
        yield Headline(f"{name} generalises best outside the training range on {names_text(tasks[name])}.", tasks[name])


def reversal_headlines(compared: Sequence[Comparison]) -> Iterator[Headline]:
    """Where a model generalises better than one that is better than it inside the range of training.

    First where it closes the greatest share more of the gap to the best possible score.
    """
    found = list[tuple[float, Headline]]()
    for comparison in compared:
        inner = [metric for metric in comparison.scores if not is_outside(metric)]
        inside = set().union(*(wins(comparison, metric) for metric in inner))
        for metric in filter(is_outside, comparison.scores):
            outside, shares = wins(comparison, metric), shares_by_model(comparison, metric)
            for winner in generalising(comparison, metric):
                losers = sorted(loser for first, loser in outside if first == winner and (loser, winner) in inside)
                if losers:
                    label = score_label(metric, comparison.scores[metric])
                    losing = f"{names_text(losers)} {'is' if len(losers) == 1 else 'are'}"
                    text = (
                        f"Surprise: on {comparison.task} {losing} better than {winner} inside the training range, and "
                        f"worse outside it ({label})."
                    )
                    gap = shares[winner] - max(shares.get(loser, 0.0) for loser in losers)
                    found.append((gap, Headline(text, [comparison.task])))
    yield from (headline for _, headline in sorted(found, key=lambda item: -item[0]))


def lead_headlines(compared: Sequence[Comparison]) -> Iterator[Headline]:
    """Which of two models is better in most of the decided comparisons."""
    won = defaultdict[tuple[str, str], list[str]](list)
    for comparison in compared:
        for metric in comparison.scores:
            for couple in wins(comparison, metric):
                won[couple].append(comparison.task)
    lead = {couple: len(tasks) - len(won.get(couple[::-1], [])) for couple, tasks in won.items()}
    for first, second in sorted(lead, key=lambda couple: -lead[couple]):
        tasks = won[first, second]
        decided = 2 * len(tasks) - lead[first, second]
        if lead[first, second] > 0:
            text = f"{first} is better than {second} in {len(tasks)} of {decided} decided comparisons."
            yield Headline(text, list(dict.fromkeys(tasks)))


def constant_headlines(compared: Sequence[Comparison]) -> Iterator[Headline]:
    """Where no seed of any network that learned the task is better than the constant predictor."""
    for comparison in compared:
        failed = [
            score_label(metric, comparison.scores[metric])
            for metric in filter(is_outside, comparison.scores)
            if is_below_constant(comparison, metric)
        ]
        if failed:
            yield Headline(
                f"Surprise: on {comparison.task} no network beats a constant at {names_text(failed)}.",
                [comparison.task],
            )


def is_below_constant(comparison: Comparison, metric: str) -> bool:
    """Whether no seed of a network that learned the task is better than the constant predictor by a score."""
    level, score = comparison.levels.get(metric, {}).get("constant"), comparison.scores[metric]
    learners = [variant.name for variant in comparison.variants if variant.has_learned]
    values = [value for name in learners for value in comparison.summaries[name, metric].values.values()]
    if level is None or score.better is None or not values:
        return False
    return not any(exceeds(score, {0: value}, level) for value in values)


def generalising(comparison: Comparison, metric: str) -> list[str]:
    """The models that close a share worth mentioning of the gap to the best possible score."""
    return [name for name, share in shares_by_model(comparison, metric).items() if share >= LEAST_SKILL]


def shares_by_model(comparison: Comparison, metric: str) -> dict[str, float]:
    """The share of the gap from the constant to the best possible predictor that each model closes."""
    shares = {variant.name: closed_share(comparison, variant, metric) for variant in comparison.variants}
    return {name: share for name, share in shares.items() if share is not None}


def is_outside(metric: str) -> bool:
    """Whether a score is of a band outside the range of training."""
    return MetricName.parse(metric).band in OUTSIDE


def wins(comparison: Comparison, metric: str) -> set[tuple[str, str]]:
    """Which model is better than which by a score, the better one first."""
    pairs = [pair for pair in comparison.pairs if pair.metric == metric]
    better = {(pair.first, pair.second) for pair in pairs if pair.word == BETTER}
    return better | {(pair.second, pair.first) for pair in pairs if pair.word == WORSE}
