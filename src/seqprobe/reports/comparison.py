"""Models of a task compared by every score: medians, which is best, and what paired seeds say of each two."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqprobe.reports.closing_table import scores
from seqprobe.reports.statistics import Difference, Interval, median_interval, paired_difference, significant

MOST_PAIRED = 6  # up to so many models each two are compared; of more, each with the best
REFERENCE = "reference/"


@dataclass(frozen=True)
class Variant:
    """A model as it was trained on a task: one row of the comparison.

    Attributes:
        name: the model, with its preset and settings where others have others.
        parent_id: the newest finished population's run; of those that have not finished, if none has.
        populations: the seeds that are taken from each population, by its run.
        runs: its members' runs, by seed.
        states: of each member ``finite``, ``diverged``, or how its run ended instead of FINISHED, by seed.
    """

    name: str
    model: str
    parent_id: str
    experiment_id: str
    populations: Mapping[str, Sequence[int]]
    runs: Mapping[int, str]
    states: Mapping[int, str]

    def counted(self, state: str) -> int:
        """How many members are in a state."""
        return sum(each == state for each in self.states.values())

    @property
    def said(self) -> str:
        """The number of seeds, and what became of those without a result."""
        others = [f"{self.counted(state)} {state}" for state in sorted({*self.states.values()} - {"finite"})]
        trained = f"{self.counted('finite')} of {len(self.states)}" if others else str(len(self.states))
        return ", ".join([trained, *others])


@dataclass(frozen=True)
class ScoreSummary:
    """One model's seeds by one score.

    Attributes:
        values: finite ones, by seed.
        mark: ``best``, ``tied`` if it cannot be told from the best, or empty.
    """

    values: Mapping[int, float]
    interval: Interval | None
    mark: str = ""


@dataclass(frozen=True)
class Pair:
    """Two models on the same seeds.

    Attributes:
        difference: first minus second; of errors, of their natural logarithms. None with fewer than two shared seeds.
        real: whether it is more than chance, with all pairs of the same score together.
    """

    score: str
    first: str
    second: str
    difference: Difference | None
    real: bool


@dataclass(frozen=True)
class Comparison:
    """All models of a task.

    Attributes:
        scores: what they are compared by; validation first, then each probe's mean.
        summaries: by model and score.
        probes: all that were put to any of the models.
        pairs: that are shown, and ``family``: how many there are for each score.
        references: levels of the validation score to read all others against, by name.
    """

    task: str
    family: int
    scores: Sequence[str]
    variants: Sequence[Variant]
    summaries: Mapping[tuple[str, str], ScoreSummary]
    pairs: Sequence[Pair]
    probes: Sequence[str]
    references: Mapping[str, float]


def higher_is_better(score: str) -> bool:
    """Whether a score is an accuracy, not an error."""
    return score.rpartition("/")[2] == "accuracy"


def comparisons(members: pd.DataFrame) -> list[Comparison]:
    """The comparison of every task and setting of it, of what `seqprobe.reports.selection.current` chose."""
    return [comparison(str(task), own) for task, own in members.groupby("setting", sort=False)]


def comparison(task: str, members: pd.DataFrame) -> Comparison:
    """One task's comparison."""
    variants = [variant(str(name), own) for name, own in members.groupby("variant")]
    finished = members[members["status"] == "FINISHED"]
    named = [score for score in scores(finished) if score.startswith("probe/") or score in ("val/rmse", "val/accuracy")]
    values = by_model(finished[finished["metric"].isin(named)])
    summaries: dict[tuple[str, str], ScoreSummary] = {}
    pairs: list[Pair] = []
    for score in named:
        found = {each.name: values.get((each.name, score), {}) for each in variants}
        marks, compared = judged(score, found)
        pairs += compared
        for name, own in found.items():
            interval = median_interval(list(own.values())) if own else None
            summaries[name, score] = ScoreSummary(own, interval, marks.get(name, ""))
    levels = finished[finished["metric"].str.startswith(REFERENCE)].groupby("metric", sort=False)["value"].median()
    references = {str(name).removeprefix(REFERENCE): float(level) for name, level in levels.items()}
    probes = dict.fromkeys(name.split("/")[1] for name in finished["metric"].unique() if name.startswith("probe/"))
    family = len(variants) * (len(variants) - 1) // 2
    return Comparison(task, max(family, 1), named, variants, summaries, pairs, list(probes), references)


def variant(name: str, members: pd.DataFrame) -> Variant:
    """A model, from its members' rows."""
    runs = members.drop_duplicates("run_id").sort_values("seed")
    finished = runs[runs["status"] == "FINISHED"]
    newest = (finished if len(finished) else runs).sort_values("started", kind="stable").iloc[-1]
    states = [
        ("diverged" if outcome == "diverged" else "finite") if status == "FINISHED" else status
        for status, outcome in zip(runs["status"], runs["outcome"], strict=True)
    ]
    seeds = [int(seed) for seed in runs["seed"]]
    populations = {str(parent): [int(seed) for seed in own["seed"]] for parent, own in finished.groupby("parent_id")}
    return Variant(
        name,
        str(newest["model"]),
        str(newest["parent_id"]),
        str(newest["experiment_id"]),
        populations,
        dict(zip(seeds, runs["run_id"], strict=True)),
        dict(zip(seeds, states, strict=True)),
    )


def by_model(members: pd.DataFrame) -> dict[tuple[str, str], dict[int, float]]:
    """Finite values by model and score, then by seed."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    columns = (members[name] for name in ("variant", "metric", "seed", "value"))
    for name, score, seed, value in zip(*columns, strict=True):
        own = found.setdefault((str(name), str(score)), {})
        if np.isfinite(value):
            own[int(seed)] = float(value)
    return found


def judged(score: str, found: Mapping[str, Mapping[int, float]]) -> tuple[dict[str, str], list[Pair]]:
    """Which models are best by a score or cannot be told from it, and what each two of them differ by.

    One seed is no evidence: a model with fewer than two is neither, and nothing is best where only one has more, or
    where the best median's seeds are not those of all others.
    """
    ranked = {name: float(np.median(list(own.values()))) for name, own in found.items() if len(own) > 1}
    if len(ranked) < 2:
        return {}, []
    best = (max if higher_is_better(score) else min)(ranked, key=lambda name: ranked[name])
    couples = list(itertools.combinations(ranked, 2))
    family = len(couples)
    if len(ranked) > MOST_PAIRED:
        couples = [couple for couple in couples if best in couple]
    differences = {couple: paired(score, found[couple[0]], found[couple[1]]) for couple in couples}
    known = {couple: each for couple, each in differences.items() if each is not None}
    real = dict(zip(known, significant(list(known.values()), family), strict=True))
    pairs = [Pair(score, *couple, differences[couple], real.get(couple, False)) for couple in couples]
    with_best = [pair for pair in pairs if best in (pair.first, pair.second)]
    if any(pair.difference is None for pair in with_best):
        return {}, pairs
    tied = {name for pair in with_best if not pair.real for name in (pair.first, pair.second)}
    return {**dict.fromkeys(tied, "tied"), best: "best"}, pairs


def paired(score: str, first: Mapping[int, float], second: Mapping[int, float]) -> Difference | None:
    """The difference on the seeds that both have; None with fewer than two of them."""
    shared = [seed for seed in first if seed in second]
    if len(shared) < 2:
        return None
    values = [np.array([own[seed] for seed in shared]) for own in (first, second)]
    if not higher_is_better(score):
        values = [np.log(np.maximum(each, np.finfo(float).tiny)) for each in values]
    return paired_difference(values[0].tolist(), values[1].tolist())
