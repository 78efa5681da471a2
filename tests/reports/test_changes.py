"""What became better or worse since an earlier sweep: which runs are compared, and how often the words are wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from reports.members import population
from reports.test_verdict_rates import ALIKE, CONSTANTS, draw_models, limit
from rich.console import Console

from seqprobe.reports.changes import NOT_FINISHED, NOT_RUN, UNCHANGED, ModelChange, model_changes
from seqprobe.reports.changes_page import changes_page
from seqprobe.reports.changes_table import changes_table, family_text, summary_text
from seqprobe.reports.comparison import BETTER, EQUIVALENT, TOO_FEW, UNDECIDED, WORSE
from seqprobe.reports.ranking import compared_pair, judged_pairs
from seqprobe.tracking.run_frames import RUN_COLUMNS

SEEDS = tuple(range(10))
GOOD = [0.10, 0.11, 0.12, 0.10, 0.13, 0.11, 0.12, 0.10, 0.11, 0.12]
BAD = [3 * value * (1 + seed / 50) for seed, value in enumerate(GOOD)]


def changes(before: Sequence[pd.DataFrame], now: Sequence[pd.DataFrame]) -> list[ModelChange]:
    """The changes between members that are given with their scores."""
    old, new = pd.concat(before, ignore_index=True), pd.concat(now, ignore_index=True)
    scores = pd.concat([old, new]).drop_duplicates(["run_id", "metric"])

    def read(runs: pd.DataFrame) -> pd.DataFrame:
        return scores[scores["run_id"].isin(runs["run_id"])].drop(columns=["overrides"]).assign(overrides="")

    runs = [frame[RUN_COLUMNS].drop_duplicates("run_id", ignore_index=True) for frame in (old, new)]
    return model_changes(*runs, read)


def trained(values: Sequence[float], name: str, **different: object) -> pd.DataFrame:
    """A population's rows."""
    started = {"old": 1_000, "new": 2_000}[name]
    usual = {"training": name, "parent_id": f"{different.get('model', 'lstm')}-{name}", "started": started}
    model = str(different.pop("model", "lstm"))
    return population(model, {"val/rmse": values}, SEEDS[: len(values)], **{**usual, **different})


def test_an_error_that_grows_is_worse_and_one_that_shrinks_is_better() -> None:
    before = [trained(GOOD, "old"), trained(BAD, "old", model="gru")]
    now = [trained(BAD, "new"), trained(GOOD, "new", model="gru")]
    found = {change.model: change for change in changes(before, [*before, *now])}
    assert {model: change.word for model, change in found.items()} == {"lstm": WORSE, "gru": BETTER}
    (score,) = found["lstm"].scores
    assert score.pair.difference is not None
    assert np.exp(score.pair.difference.interval.median) == pytest.approx(3 * 1.09, rel=0.02)
    assert (score.before and score.before.median, score.pair.common, score.pair.family) == (0.11, 10, 2)
    assert found["lstm"].newest == ("lstm-new", "7")


def test_the_same_runs_are_unchanged_and_widen_no_family() -> None:
    same = trained(GOOD, "old", model="rnn")
    found = changes([trained(GOOD, "old"), same], [trained(BAD, "new"), same])
    assert {change.model: change.word for change in found} == {"lstm": WORSE, "rnn": UNCHANGED}
    assert [change.count(WORSE) for change in found] == [1, 0]
    assert found[0].scores[0].pair.family == 1


def test_a_training_that_is_repeated_with_the_same_scores_is_unchanged() -> None:
    again = trained(GOOD, "new", training="old")
    assert [change.word for change in changes([trained(GOOD, "old")], [again])] == [UNCHANGED]
    elsewhere = trained(BAD, "new", training="old")  # by another version of torch, say
    assert [change.word for change in changes([trained(GOOD, "old")], [elsewhere])] == [WORSE]


@pytest.mark.parametrize("status", ["FAILED", "KILLED", "RUNNING"])
def test_a_newest_run_that_has_not_finished_hides_behind_no_older_one(status: str) -> None:
    old = trained(GOOD, "old")
    broken = trained(BAD, "new", status=status)
    assert [change.word for change in changes([old], [old, broken])] == [NOT_FINISHED]


def test_what_only_one_side_has() -> None:
    old, other = trained(GOOD, "old"), trained(GOOD, "new", model="gru")
    assert [(change.model, change.word) for change in changes([old], [other])] == [("lstm", NOT_RUN)]


def test_seeds_that_diverge_now_are_worse_even_where_outcomes_cannot_be_judged() -> None:
    lost = trained([np.nan] * 10, "new", outcome="diverged")
    (change,) = changes([trained(GOOD, "old")], [lost])
    assert change.word == WORSE
    table = Console(width=200, record=True)
    table.print(changes_table([change]))
    assert "0 of 10 against 10 of 10 finite, worse" in table.export_text()


def test_few_seeds_are_undecided() -> None:
    (change,) = changes([trained(GOOD[:3], "old")], [trained(BAD[:3], "new")])
    assert (change.word, change.scores[0].pair.word) == (UNDECIDED, TOO_FEW)


def test_the_same_scores_of_another_training_are_equivalent() -> None:
    (change,) = changes([trained(GOOD, "old")], [trained(GOOD, "new")])
    assert change.word == EQUIVALENT


def test_the_table_and_the_page() -> None:
    before = [trained(GOOD, "old"), trained(GOOD, "old", model="rnn"), trained(GOOD, "old", model="gru")]
    found = changes(before, [trained(BAD, "new"), trained(GOOD, "old", model="rnn"), trained(GOOD, "new", model="gru")])
    assert summary_text(found) == "1 worse, 1 equivalent, 1 unchanged"
    assert family_text(found).startswith("2 comparisons, paired by seeds, in one family")
    console = Console(width=200, record=True)
    console.print(changes_table(found))
    text = console.export_text()
    assert "3.27 times" in text
    assert "rnn" not in text
    page = changes_page(found, lambda experiment, run: f"http://ui/{experiment}/{run}", ["a against b"], "compare.py")
    assert '<a href="http://ui/7/lstm-new">lstm</a>' in page
    assert "sine · rnn" in page
    assert "0.11 [0.1, 0.12]" in page


def wrong_gates(seed: int, gates: int, models: int) -> float:
    """The share of gates that find any of so many models better or worse, though none has changed.

    The models' scores have all the distributions of `ALIKE`, in turns.
    """
    kinds, each = list(ALIKE.values()), -(-models // len(ALIKE))
    drawn = [
        draw_models(seed + place, gates * each, 10, [draw, draw], metric) for place, (draw, metric) in enumerate(kinds)
    ]
    wrong = []
    for gate in range(gates):
        pairs = []
        for place in range(models):
            kind, page = place % len(kinds), gate * each + place // len(kinds)
            metric = kinds[kind][1]
            sides = {side: finite(drawn[kind][name][0][page]) for side, name in (("now", "m0"), ("before", "m1"))}
            pairs.append(compared_pair(metric, CONSTANTS[metric][0], ("now", "before"), sides, {}))
        wrong.append(any(pair.word in (BETTER, WORSE) for pair in judged_pairs(pairs)))
    return float(np.mean(wrong))


def finite(values: np.ndarray) -> dict[int, float]:
    """Finite values by seed."""
    return {seed: float(value) for seed, value in enumerate(values) if np.isfinite(value)}


def test_a_gate_over_many_models_is_seldom_wrong() -> None:
    assert wrong_gates(1, 5, 27) <= limit(0.05, 5)


@pytest.mark.slow
@pytest.mark.parametrize("models", [33, 300])
def test_a_gate_over_many_models_is_seldom_wrong_in_many_gates(models: int) -> None:
    assert wrong_gates(2, 4_500 // models, models) <= limit(0.05, 4_500 // models)


def test_a_model_that_is_half_as_good_is_found_among_many() -> None:
    rng = np.random.default_rng(3)
    found = []
    for _ in range(5):
        pairs = []
        for place in range(33):
            values = np.exp(rng.normal(0, 0.15, (2, 10))) * [[2.0 if place == 0 else 1.0], [1.0]]
            sides = {side: dict(enumerate(row.tolist())) for side, row in zip(("now", "before"), values, strict=True)}
            pairs.append(compared_pair("val/rmse", CONSTANTS["val/rmse"][0], ("now", "before"), sides, {}))
        found.append(judged_pairs(pairs)[0].word == WORSE)
    assert np.mean(found) == 1
