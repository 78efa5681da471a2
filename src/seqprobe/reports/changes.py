"""What became better or worse since an earlier sweep: each model's newest runs against those of the sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from seqprobe.learned import DIVERGED, OUTCOMES
from seqprobe.reports.compare_models import compared_scores, values_by_model, variant_of
from seqprobe.reports.comparison import BETTER, EQUIVALENT, TOO_FEW, UNDECIDED, WORSE, Pair, Variant
from seqprobe.reports.ranking import compared_pair, judged_pairs
from seqprobe.reports.selection import named_runs, newest_members
from seqprobe.reports.statistics import Interval, median_interval
from seqprobe.reports.variant_names import run_names
from seqprobe.scoring import MetricName, Score
from seqprobe.tracking.run_frames import NAME_PARAMS

NOW, BEFORE = "now", "before"
UNCHANGED, NOT_RUN, NOT_FINISHED = "unchanged", "not run", "not finished"
"""What is known of a model beside `seqprobe.reports.comparison`'s words: it has the same runs, or the same score in
every seed; no newer run was selected; its newest run failed, was stopped or is still running."""
FINITE_SEEDS = Score("seeds that did not diverge", better="higher")
ReadScores = Callable[[pd.DataFrame], pd.DataFrame]
"""The scores of members, as `seqprobe.tracking.run_frames.StoredMembers.scores` reads them."""


@dataclass(frozen=True)
class ScoreChange:
    """One score of a model, now against before.

    Attributes:
        pair: its first model is the newer one, so that ``better`` means better than before.
        now, before: the medians over seeds; None without a finite value.
    """

    pair: Pair
    now: Interval | None
    before: Interval | None

    @property
    def is_of_validation(self) -> bool:
        """Whether it is the validation's score, and not a probe's."""
        return MetricName.parse(self.pair.metric).group == "val"


@dataclass(frozen=True)
class ModelChange:
    """One model on one task, now against before.

    Attributes:
        task, model: names, with the settings in which runs differ.
        state: `UNCHANGED`, `NOT_RUN` or `NOT_FINISHED`; empty if its scores are compared.
        scores: the validation's, then the probes' of a model that learned the task, now and before.
        newest: the newest run and its experiment, empty where there is none.
    """

    task: str
    model: str
    state: str = ""
    scores: Sequence[ScoreChange] = ()
    newest: tuple[str, str] = ("", "")

    @property
    def word(self) -> str:
        """The worst that is decided of any score; undecided if any is, and none is better or worse."""
        words = {change.pair.word for change in self.scores}
        ordered = (WORSE, BETTER, UNDECIDED, TOO_FEW)
        known = next((word for word in ordered if word in words), EQUIVALENT if words else UNCHANGED)
        return self.state or (UNDECIDED if known == TOO_FEW else known)

    def count(self, *words: str) -> int:
        """The number of scores with one of these words."""
        return sum(change.pair.word in words for change in self.scores)


def model_changes(before: pd.DataFrame, now: pd.DataFrame, read: ReadScores) -> list[ModelChange]:
    """Every model of the earlier sweep, compared with its newest runs.

    All scores of all models whose runs are others than before form one family, which Holm's correction spans.

    Args:
        before: the members of the earlier sweep, as `seqprobe.tracking.run_frames.StoredMembers.runs` gives them.
        now: those among which the newest are searched; those of the earlier sweep may be among them.
        read: reads the scores of members of either frame.
    """
    sides = {BEFORE: before, NOW: now}
    members = pd.concat([runs.assign(side=side) for side, runs in sides.items()], ignore_index=True)
    named = named_runs(members)
    current = newest_members(named, ["side", *NAME_PARAMS])
    names = run_names(current[current["side"] == BEFORE])
    changes = []
    for key, rows in current.groupby(NAME_PARAMS, sort=False):
        old, new = (rows[rows["side"] == side] for side in (BEFORE, NOW))
        if len(old):
            name = names[old["run_id"].iloc[0]]
            of_model = named[(named[NAME_PARAMS] == list(key)).all(axis=1) & (named["side"] == NOW)]
            change = replace(compare_sides(old, new, of_model, read), task=name.setting, model=name.variant)
            changes.append(change)
    return judged_changes(changes)


def compare_sides(old: pd.DataFrame, new: pd.DataFrame, all_new: pd.DataFrame, read: ReadScores) -> ModelChange:
    """One model's change, without its names and words.

    Args:
        old, new: the members that count, before and now.
        all_new: all among which ``new`` were chosen.
    """
    if not len(new):
        return ModelChange("", "", NOT_RUN)
    last = all_new.sort_values("started", kind="stable").iloc[-1]
    newest = str(last["parent_id"]), str(last["experiment_id"])
    trained = all_new[all_new["training"] == last["training"]]
    if not (trained["status"] == "FINISHED").any():
        return ModelChange("", "", NOT_FINISHED, newest=newest)
    both = old.merge(new, on="seed", suffixes=("_old", "_new"))
    if len(both) and (both["run_id_old"] == both["run_id_new"]).all():
        return ModelChange("", "", UNCHANGED, newest=newest)
    scores = score_changes(old, new, read)
    repeated = set(old["training"]) == set(new["training"])
    equal = all(is_zero(change.pair) for change in scores)
    if repeated and scores and equal:  # members that a later population took over, or that were trained again
        return ModelChange("", "", UNCHANGED, newest=newest)
    return ModelChange("", "", scores=scores, newest=newest)


def is_zero(pair: Pair) -> bool:
    """Whether all seeds have the same score as before."""
    difference = pair.difference
    return difference is not None and difference.spread == 0 and difference.interval.median == 0


def score_changes(old: pd.DataFrame, new: pd.DataFrame, read: ReadScores) -> list[ScoreChange]:
    """The scores that both sides have, not judged yet."""
    measured = pd.concat([read(rows).assign(variant=side) for side, rows in ((BEFORE, old), (NOW, new))])
    variants = {side: variant_of(side, measured[measured["variant"] == side]) for side in (NOW, BEFORE)}
    finished = measured[measured["status"] == "FINISHED"]
    values = values_by_model(finished)
    learned = all(variant.has_learned for variant in variants.values())
    changes = []
    for metric, score in compared_scores(finished).items():
        is_validation = MetricName.parse(metric).group == "val"
        by_side = {side: values.get((side, metric), {}) for side in (NOW, BEFORE)}
        if score.better and (is_validation or (learned and all((side, metric) in values for side in by_side))):
            solved = outcome_shares(variants) if is_validation else {}
            pair = compared_pair(metric, score, (NOW, BEFORE), by_side, solved)
            if pair.shares is not None and not all(variant.solved for variant in variants.values()):
                pair = replace(pair, score=FINITE_SEEDS)
            medians = (median_interval(list(by_seed.values())) if by_seed else None for by_seed in by_side.values())
            changes.append(ScoreChange(pair, *medians))
    return changes


def outcome_shares(variants: Mapping[str, Variant]) -> dict[str, Mapping[int, bool]]:
    """By side, which seeds solved the task; where that is not known, which did not diverge."""
    if all(variant.solved for variant in variants.values()):
        return {side: variant.solved for side, variant in variants.items()}
    return {
        side: {seed: state != DIVERGED for seed, state in variant.states.items() if state in OUTCOMES}
        for side, variant in variants.items()
    }


def judged_changes(changes: Sequence[ModelChange]) -> list[ModelChange]:
    """The changes with the words of their scores, which are one family."""
    words = iter(judged_pairs([score.pair for change in changes for score in change.scores]))
    return [replace(change, scores=[replace(score, pair=next(words)) for score in change.scores]) for change in changes]
