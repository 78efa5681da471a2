"""What is called best, what is not, and in which words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reports.members import population

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.selection import current_members
from seqprobe.reports.table_formats import difference_frame, latex_tables, markdown_tables, score_frame, wide_table
from seqprobe.reports.wording import difference_text, sentences, verdict

GOOD, BAD = [0.010, 0.011, 0.012, 0.010, 0.011], [0.110, 0.105, 0.132, 0.108, 0.120]
LIKE_GOOD = [0.0105, 0.0112, 0.0121, 0.0098, 0.0113]


def compared(*populations: pd.DataFrame) -> Comparison:
    (found,) = comparisons(current_members(pd.concat(populations)))
    return found


@pytest.fixture(scope="module")
def three() -> Comparison:
    level = {"reference/constant": [0.2] * 5}
    return compared(
        population("rnn", {"val/rmse": BAD, **level}),
        population("lstm", {"val/rmse": GOOD, **level}),
        population("gru", {"val/rmse": LIKE_GOOD, **level}),
    )


def test_best_and_what_cannot_be_told_from_it(three: Comparison) -> None:
    assert {name: cell.mark for (name, _), cell in three.summaries.items()} == {
        "rnn": "",
        "lstm": "best",
        "gru": "tied",
    }
    assert sentences(three) == ["val/rmse: lstm has the best median, statistically tied with gru"]
    assert three.levels == {"val/rmse": {"constant": 0.2}}


def test_pairs_say_how_far_and_whether(three: Comparison) -> None:
    said = {(pair.first, pair.second): (difference_text(pair), verdict(pair)) for pair in three.pairs}
    assert said["lstm", "rnn"] == ("0.0917 times [0.0909, 0.105]", "lstm is better")
    assert said["gru", "rnn"][1] == "gru is better"
    assert said["gru", "lstm"][1] == "no detectable difference; these 5 seeds would most likely have shown 10 %"


def test_how_many_seeds_it_would_take() -> None:
    source = np.random.default_rng(0)
    found = compared(
        population("rnn", {"val/rmse": np.exp(source.normal(0, 0.5, 5)).tolist()}),
        population("lstm", {"val/rmse": np.exp(source.normal(0, 0.5, 5)).tolist()}),
    )
    assert verdict(found.pairs[0]).startswith("no detectable difference; about ")
    assert verdict(found.pairs[0]).endswith(" seeds would be needed to see 10 %")


def test_one_seed_names_no_best() -> None:
    found = compared(population("rnn", {"val/rmse": [0.5]}, [0]), population("lstm", {"val/rmse": [0.1]}, [0]))
    assert {cell.mark for cell in found.summaries.values()} == {""}
    assert found.pairs == []
    assert sentences(found) == ["val/rmse: no model is called best: one seed is no evidence"]


def test_a_model_with_one_seed_is_not_ranked_among_others() -> None:
    found = compared(
        population("rnn", {"val/rmse": [0.0001]}, [0]),
        population("lstm", {"val/rmse": GOOD}),
        population("gru", {"val/rmse": BAD}),
    )
    assert {name: cell.mark for (name, _), cell in found.summaries.items()} == {"rnn": "", "lstm": "best", "gru": ""}

    assert sentences(found) == ["val/rmse: lstm is best; rnn: one seed is no evidence"]


def test_nothing_is_best_where_no_seeds_are_shared() -> None:
    found = compared(
        population("lstm", {"val/rmse": GOOD[:3]}, [0, 1, 2]), population("rnn", {"val/rmse": BAD[:3]}, [5, 6, 7])
    )
    assert {cell.mark for cell in found.summaries.values()} == {""}
    assert sentences(found) == ["val/rmse: no model is called best: the models do not share two seeds or more"]


def test_a_best_of_survivors_says_so() -> None:
    lucky = population("lstm", {"val/rmse": [0.001, 0.0012]}, [0, 1])
    lost = population("lstm", {"val/rmse": [np.nan] * 3}, [2, 3, 4], outcome="diverged")
    (said,) = sentences(compared(lucky, lost, population("rnn", {"val/rmse": BAD})))
    assert "lstm is best (2 of 5 seeds)" in said or "lstm has the best median (2 of 5 seeds)" in said


def test_models_of_another_setting_of_the_task_are_compared_apart() -> None:
    easy = [population(m, {"val/rmse": GOOD}, overrides="task.noise=0.1", parent_id=f"{m}-e") for m in ("rnn", "lstm")]
    hard = population("rnn", {"val/rmse": BAD}, overrides="task.noise=0.5 model.hidden_size=3", parent_id="h")
    found = comparisons(current_members(pd.concat([*easy, hard])))
    assert {each.task: [v.name for v in each.variants] for each in found} == {
        "sine · task.noise=0.1": ["lstm", "rnn"],
        "sine · task.noise=0.5": ["rnn · model.hidden_size=3"],
    }


def test_seeds_of_several_populations_keep_their_runs() -> None:
    one = population("lstm", {"val/rmse": GOOD}, parent_id="a", started=1)
    more = population("lstm", {"val/rmse": [0.01]}, [5], parent_id="b", started=2)
    failed = population("lstm", {"": [np.nan]}, [6], parent_id="c", started=3, status="FAILED")
    (lstm,) = compared(one, more, failed).variants
    assert lstm.populations == {"a": [0, 1, 2, 3, 4], "b": [5]}
    assert lstm.parent_id == "b"
    assert lstm.runs[6] == "c-6"
    assert lstm.seeds_text == "6 of 7, 1 FAILED"


def test_accuracies_are_better_when_higher() -> None:
    found = compared(
        population("rnn", {"val/accuracy": [0.50, 0.51, 0.52, 0.50, 0.51]}),
        population("lstm", {"val/accuracy": [0.91, 0.90, 0.92, 0.90, 0.93]}),
    )
    assert found.summaries["lstm", "val/accuracy"].mark == "best"
    assert verdict(found.pairs[0]) == "lstm is better"
    assert difference_text(found.pairs[0]) == "+40 points [+39, +42]"


def test_seeds_are_paired_and_those_of_one_model_alone_do_not_count() -> None:
    found = compared(
        population("rnn", {"val/rmse": [1.0, 2.0, 3.0]}, [0, 1, 2]),
        population("lstm", {"val/rmse": [1.0, 2.0, 9.0]}, [0, 1, 7]),
        population("gru", {"val/rmse": [1.0, 2.0]}, [8, 9]),
    )
    said = {(pair.first, pair.second): pair for pair in found.pairs}
    shared = said["lstm", "rnn"].difference
    assert shared is not None
    assert (shared.interval.n, shared.interval.median) == (2, 0.0)
    assert verdict(said["lstm", "rnn"]) == "no difference at all"
    assert verdict(said["gru", "rnn"]) == "not compared: fewer than two seeds in common"


def test_what_diverged_failed_or_was_stopped_is_shown() -> None:
    finite = population("lstm", {"val/rmse": GOOD[:3]}, [0, 1, 2])
    diverged = population("lstm", {"val/rmse": [np.nan]}, [3], outcome="diverged")
    failed = population("gru", {"": [np.nan] * 2}, [0, 1], status="FAILED")
    found = compared(finite, diverged, failed, population("rnn", {"val/rmse": BAD}))
    said = {each.name: each.seeds_text for each in found.variants}
    assert said == {"lstm": "3 of 4, 1 diverged", "gru": "0 of 2, 2 FAILED", "rnn": "5"}
    table = wide_table(found)
    assert table.loc["gru", "seeds"] == "0 of 2, 2 FAILED"
    assert table.loc["gru", "val/rmse"] == ""


def test_tables_for_programs_and_papers(three: Comparison) -> None:
    scores = score_frame([three]).set_index("model")
    assert scores.loc["lstm", ["median", "low", "high", "finite", "mark"]].tolist() == [0.011, 0.01, 0.012, 5, "best"]
    assert scores.loc["constant predictor", "median"] == 0.2
    pairs = difference_frame([three]).set_index(["first", "second"])
    assert pairs.loc[("lstm", "rnn"), "as"] == "ratio"
    assert pairs.loc[("lstm", "rnn"), "median"] == pytest.approx(1 / 10.9, abs=0.001)
    text = markdown_tables([three])
    assert "| lstm | 5 | 0.011 [0.01, 0.012] (best) |" in text
    assert "- val/rmse: lstm against rnn: lstm is better" in text
    paper = latex_tables([three])
    assert r"\toprule" in paper
    assert r"gru & 5 & 0.0112 [0.0098, 0.012] ($\approx$ best) \\" in paper
    assert r"\label{tab:sine}" in paper


def test_many_models_are_compared_with_the_best_alone() -> None:
    models = [population(f"m{i}", {"val/rmse": [value * (1 + i) for value in BAD]}) for i in range(8)]
    found = compared(*models)
    assert len(found.pairs) == 7
    assert all("m0" in (pair.first, pair.second) for pair in found.pairs)


def test_what_is_the_same_for_all_models_is_no_probe_of_theirs() -> None:
    """As stores of earlier versions have it."""
    measured = {"val/rmse": GOOD, "probe/information/bayes_mse": GOOD, "probe/noise/rmse": GOOD}
    assert compared(population("rnn", measured)).probes == ["noise"]
