"""What is called best, what is not, and in which words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from reports.members import population

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.needed_seeds import needed_seeds
from seqprobe.reports.selection import current_members
from seqprobe.reports.table_formats import (
    difference_frame,
    latex_tables,
    markdown_tables,
    overview_note,
    score_frame,
    wide_table,
)
from seqprobe.reports.wording import counts_text, difference_text, sentence, sentences, verdict

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


def marks(comparison: Comparison, metric: str = "val/rmse") -> dict[str, str]:
    return {name: summary.mark for (name, measured), summary in comparison.summaries.items() if measured == metric}


def words(comparison: Comparison, metric: str = "val/rmse") -> dict[tuple[str, str], str]:
    return {(pair.first, pair.second): pair.word for pair in comparison.pairs if pair.metric == metric}


def test_what_is_undecided_is_not_best(three: Comparison) -> None:
    assert marks(three) == {"rnn": "", "lstm": "", "gru": ""}
    assert words(three) == {("gru", "lstm"): "undecided", ("gru", "rnn"): "better", ("lstm", "rnn"): "better"}
    assert sentences(three) == ["val/rmse: no model is best; gru and lstm are better than rnn"]
    assert three.levels == {"val/rmse": {"constant": 0.2}}


def test_pairs_say_how_far_and_whether(three: Comparison) -> None:
    texts = {(pair.first, pair.second): (difference_text(pair), verdict(pair)) for pair in three.pairs}
    assert texts["lstm", "rnn"] == ("0.0917 times [0.0909, 0.105]", "better")
    assert texts["gru", "lstm"] == (
        "1.02 times [0.98, 1.05]",
        "undecided: about 38 seeds needed to confirm the observed difference, about 7 to detect one of 10 %",
    )


def test_a_model_is_best_if_it_is_better_than_every_other_one() -> None:
    comparison = compared(
        population("rnn", {"val/rmse": BAD}),
        population("lstm", {"val/rmse": GOOD}),
        population("gru", {"val/rmse": [value / 4 for value in BAD]}),
    )
    assert marks(comparison) == {"rnn": "", "lstm": "best", "gru": ""}
    assert sentences(comparison) == ["val/rmse: lstm is best"]


def test_equivalent_models_share_the_star() -> None:
    seeds = range(10)
    steps = [0.01 * (seed % 3 - 1) for seed in seeds]
    close = {
        "lstm": [0.010 * (1 + step) for step in steps],
        "gru": [0.010 * (1 - step / 2) for step in steps],
    }
    best = [population(name, {"val/rmse": values}, seeds) for name, values in close.items()]
    alone = compared(*best)
    assert (marks(alone), words(alone)) == ({"lstm": "", "gru": ""}, {("gru", "lstm"): "equivalent"})
    assert sentences(alone) == ["val/rmse: gru and lstm are equivalent"]
    third = compared(*best, population("rnn", {"val/rmse": BAD * 2}, seeds))
    assert marks(third) == {"gru": "best", "lstm": "best", "rnn": ""}
    assert sentences(third) == ["val/rmse: gru and lstm are equivalent and best"]
    assert sentence(third.pairs[0]) == "gru and lstm are equivalent (1 times [0.985, 1.02])"


def test_how_many_seeds_it_would_take() -> None:
    source = np.random.default_rng(0)
    (pair,) = compared(
        population("rnn", {"val/rmse": np.exp(source.normal(0, 0.5, 5)).tolist()}),
        population("lstm", {"val/rmse": np.exp(source.normal(0, 0.5, 5)).tolist()}),
    ).pairs
    assert re.fullmatch(
        r"undecided: about \d+ seeds needed to confirm the observed difference, about \d+ to detect one of 10 %",
        verdict(pair),
    )
    needed = needed_seeds(pair)
    assert needed.observed is not None
    assert needed.margin is not None
    assert needed.observed > 5
    assert sentence(pair).startswith("lstm and rnn: undecided (")


def test_equal_seeds_differ_by_nothing_that_more_seeds_would_confirm() -> None:
    (pair,) = compared(*(population(name, {"val/rmse": GOOD}) for name in ("rnn", "lstm"))).pairs
    assert pair.word == "equivalent"  # five equal seeds: p is 1/32
    few = compared(*(population(name, {"val/rmse": GOOD[:4]}, range(4)) for name in ("rnn", "lstm")))
    assert verdict(few.pairs[0]) == "undecided"


@pytest.mark.parametrize("seeds", [1, 3])
def test_fewer_than_four_seeds_name_no_best(seeds: int) -> None:
    comparison = compared(
        *(population(name, {"val/rmse": values[:seeds]}, range(seeds)) for name, values in (("a", GOOD), ("b", BAD)))
    )
    assert set(marks(comparison).values()) == {""}
    assert [verdict(pair) for pair in comparison.pairs] == [f"too few seeds: {seeds} in common, 4 needed"]
    assert sentences(comparison) == [
        "val/rmse: not compared; not ranked: a and b (fewer than 4 seeds in common with others)"
    ]


def test_a_model_with_one_seed_is_not_ranked_among_others() -> None:
    comparison = compared(
        population("rnn", {"val/rmse": [0.0001]}, [0]),
        population("lstm", {"val/rmse": GOOD}),
        population("gru", {"val/rmse": BAD}),
    )
    assert marks(comparison) == {"rnn": "", "lstm": "best", "gru": ""}
    assert sentences(comparison) == [
        "val/rmse: lstm is best; not ranked: rnn (fewer than 4 seeds in common with others)"
    ]
    assert comparison.tested == {"val/rmse": 1}


def test_nothing_is_best_where_no_seeds_are_shared() -> None:
    comparison = compared(
        population("lstm", {"val/rmse": GOOD}, [0, 1, 2, 3, 4]), population("rnn", {"val/rmse": BAD}, [5, 6, 7, 8, 9])
    )
    assert set(marks(comparison).values()) == {""}
    assert verdict(comparison.pairs[0]) == "too few seeds: 0 in common, 4 needed"


LEVEL = {"reference/constant": [1.0] * 6}
SOLVED, LEARNED = [0.01, 0.012, 0.011, 0.013, 0.01, 0.012], [0.3, 0.33, 0.28, 0.31, 0.3, 0.29]


def judged(model: str, values: list[float], outcomes: list[str], **metrics: list[float]) -> pd.DataFrame:
    """A population whose members have outcomes."""
    seeds = range(len(values))
    probes = {f"probe/{name}/rmse": numbers for name, numbers in metrics.items()}
    rows = population(model, {"val/rmse": values, **{k: v[: len(values)] for k, v in LEVEL.items()}, **probes}, seeds)
    return rows.assign(outcome=[outcomes[seed] for seed in rows["seed"]])


def test_where_seeds_split_into_solved_and_unsolved_their_shares_are_compared() -> None:
    all_solved = judged("gru", SOLVED, ["solved"] * 6)
    mixed = judged("rnn", [*SOLVED[:3], 0.9, 0.8, float("nan")], [*["solved"] * 3, *["did not learn"] * 2, "diverged"])
    none = judged("lstm", [0.9] * 6, ["did not learn"] * 6)
    comparison = compared(all_solved, mixed, none)
    texts = {(pair.first, pair.second): sentence(pair) for pair in comparison.pairs}
    assert texts["gru", "lstm"] == "gru is better than lstm (6 of 6 against 0 of 6 solved)"
    assert texts["gru", "rnn"] == (
        "gru and rnn: undecided (6 of 6 against 3 of 6 solved); about 19 seeds needed to confirm the observed "
        "difference, about 411 to detect one of 10 points"
    )
    assert marks(comparison) == {"gru": "", "lstm": "", "rnn": ""}
    assert {variant.name: variant.solved_text for variant in comparison.variants} == {
        "gru": "6 of 6",
        "lstm": "did not learn",
        "rnn": "3 of 6",
    }


def test_models_that_all_solve_or_that_none_solves_are_compared_by_their_scores() -> None:
    worse = judged("rnn", [3 * value for value in SOLVED], ["solved"] * 6)
    (pair,) = compared(judged("gru", SOLVED, ["solved"] * 6), worse).pairs
    assert (pair.shares, pair.word) == (None, "better")
    unsolved = [judged(name, values, ["learned"] * 6) for name, values in (("gru", LEARNED), ("rnn", SOLVED))]
    (pair,) = compared(*unsolved).pairs
    assert (pair.shares, pair.word) == (None, "worse")


def test_a_network_that_did_not_learn_is_shown_and_not_ranked_by_probes() -> None:
    few = ["learned", "learned", *["did not learn"] * 4]
    comparison = compared(
        judged("gru", SOLVED, ["solved"] * 6, lag=SOLVED),
        judged("lstm", SOLVED, ["solved"] * 6, lag=LEARNED),
        judged("rnn", LEARNED, few, lag=[0.0001] * 6),
    )
    assert marks(comparison, "probe/lag/rmse") == {"gru": "best", "lstm": "", "rnn": "did not learn"}
    assert set(words(comparison, "probe/lag/rmse")) == {("gru", "lstm")}
    assert sentences(comparison)[1] == "lag: gru is best; not ranked: rnn (did not learn the task)"
    table = wide_table(comparison)
    assert table.loc["rnn", "lag"] == "0.0001 †"
    assert table.loc["rnn", "solved"] == "did not learn (2 of 6 did)"
    half = compared(
        judged("gru", SOLVED, ["solved"] * 6, lag=SOLVED), judged("rnn", LEARNED, [*few[:2], *few[:4]], lag=LEARNED)
    )
    assert marks(half, "probe/lag/rmse") == {"gru": "best", "rnn": ""}  # 4 of 6 learned
    assert half.variants[1].solved_text == "0 of 6 (4 learned)"


def test_a_network_that_did_not_learn_is_compared_by_the_validation_but_never_best() -> None:
    comparison = compared(
        judged("gru", LEARNED, ["did not learn"] * 6), judged("rnn", [2 * e for e in LEARNED], ["did not learn"] * 6)
    )
    assert words(comparison) == {("gru", "rnn"): "better"}
    assert marks(comparison) == {"gru": "", "rnn": ""}
    assert sentences(comparison) == ["val/rmse: no model is best; gru is better than rnn"]


def test_a_model_no_better_than_the_constant_predictor_is_never_best() -> None:
    """Beyond the training range it may be better than every other model, and still be worse than a constant."""
    metric, level = "probe/slope/beyond/rmse", {"reference/constant": [0.2] * 5}

    def tested(model: str, errors: list[float], constant: float) -> pd.DataFrame:
        levels = {**level, f"reference/{metric}/constant": [constant] * 5}
        return population(model, {"val/rmse": GOOD, metric: errors, **levels})

    for constant, mark, clause in [(0.5, "best", ""), (0.05, "best", "; no better than the constant predictor: gru")]:
        comparison = compared(tested("mlp", GOOD, constant), tested("gru", BAD, constant))
        assert marks(comparison, metric) == {"mlp": mark, "gru": ""}
        assert sentences(comparison)[1] == f"slope/beyond: mlp is best{clause}"
    comparison = compared(tested("mlp", GOOD, 0.005), tested("gru", BAD, 0.005))
    assert marks(comparison, metric) == {"mlp": "", "gru": ""}
    assert sentences(comparison)[1] == (
        "slope/beyond: no model is best; mlp is better than gru; no better than the constant predictor: all models"
    )


def test_the_number_of_comparisons_is_stated(three: Comparison) -> None:
    assert counts_text([three, three]).startswith("6 comparisons of two models, in 2 families (one for each task")
    assert counts_text([three, three]).endswith("5 % of the families would contain a false “better”: 0.1 on average.")
    assert counts_text([]) == "No two models are compared."


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
    assert verdict(found.pairs[0]) == "better"
    assert difference_text(found.pairs[0]) == "+40 points [+39, +42]"


def test_seeds_are_paired_and_those_of_one_model_alone_do_not_count() -> None:
    comparison = compared(
        population("rnn", {"val/rmse": [1.0, 2.0, 3.0, 4.0, 5.0]}, [0, 1, 2, 3, 4]),
        population("lstm", {"val/rmse": [1.0, 2.0, 3.0, 4.0, 9.0]}, [0, 1, 2, 3, 7]),
        population("gru", {"val/rmse": [1.0, 2.0, 3.0, 4.0]}, [3, 4, 5, 6]),
    )
    pairs = {(pair.first, pair.second): pair for pair in comparison.pairs}
    shared = pairs["lstm", "rnn"].difference
    assert shared is not None
    assert (shared.interval.n, shared.interval.median) == (4, 0.0)
    assert verdict(pairs["gru", "rnn"]) == "too few seeds: 2 in common, 4 needed"


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
    assert scores.loc["lstm", ["median", "low", "high", "finite", "mark"]].tolist() == [0.011, 0.01, 0.012, 5, ""]
    assert scores.loc["constant predictor", "median"] == 0.2
    pairs = difference_frame([three]).set_index(["first", "second"])
    assert pairs.loc[("lstm", "rnn"), "as"] == "ratio"
    assert pairs.loc[("lstm", "rnn"), "median"] == pytest.approx(1 / 10.9, abs=0.001)
    assert pairs["verdict"].tolist() == ["undecided", "better", "better"]
    assert pairs.loc[("lstm", "rnn"), "p"] < 1e-4 < pairs.loc[("lstm", "rnn"), "p_equivalent"]
    assert pairs["seeds_for_observed"].notna().tolist() == [True, False, False]
    text = markdown_tables([three])
    assert "| lstm | 5 |  | 0.011 [0.01, 0.012] |" in text
    assert "3 comparisons of two models, in 1 family" in text
    assert "- val/rmse: lstm is better than rnn (0.0917 times [0.0909, 0.105])" in text
    note = overview_note([three]).replace("&emsp;", "")
    assert note.splitlines()[2:] == [
        "| task | score | gru | lstm | rnn |",
        "| --- | --- | --- | --- | --- |",
        "| sine | `val/rmse` | 0.0112 | 0.011 | 0.11 |",
    ]
    paper = latex_tables([three])
    assert r"\toprule" in paper
    assert r"gru & 5 &  & 0.0112 [0.0098, 0.012] \\" in paper
    assert r"\label{tab:sine}" in paper


def test_of_many_models_those_beside_the_best_are_shown() -> None:
    models = [population(f"m{i}", {"val/rmse": [value * (1 + i) for value in BAD]}) for i in range(8)]
    comparison = compared(*models)
    assert len(comparison.pairs) == 7
    assert all("m0" in (pair.first, pair.second) for pair in comparison.pairs)
    assert comparison.tested == {"val/rmse": 28}
    assert {pair.family for pair in comparison.pairs} == {28}


def test_what_is_the_same_for_all_models_is_no_probe_of_theirs() -> None:
    """As stores of earlier versions have it."""
    measured = {"val/rmse": GOOD, "probe/information/bayes_mse": GOOD, "probe/noise/rmse": GOOD}
    assert compared(population("rnn", measured)).probes == ["noise"]


def test_each_band_of_a_probe_is_a_score_with_its_own_levels() -> None:
    bands = {"far": BAD, "inside": GOOD, "beyond": LIKE_GOOD}
    metrics = {f"probe/lag/{band}/rmse": values for band, values in bands.items()}
    metrics |= {f"reference/{metric}/chance": [0.25, 0.25, 0.5, 0.75, 0.75] for metric in metrics}
    comparison = compared(
        population("rnn", {"val/rmse": GOOD, "reference/constant": [0.2] * 5, **metrics}),
        population("lstm", {"val/rmse": GOOD, "reference/constant": [0.2] * 5, **metrics}),
    )
    ordered = [f"probe/lag/{band}/rmse" for band in ("inside", "beyond", "far")]
    assert list(comparison.scores) == ["val/rmse", *ordered]
    assert comparison.probe_metrics("lag") == ordered
    assert comparison.levels == {"val/rmse": {"constant": 0.2}, **{metric: {"chance": 0.5} for metric in ordered}}
    assert comparison.labelled_levels(ordered[0]) == {"chance": 0.5}
    assert comparison.labelled_levels("probe/other/rmse") == {"constant predictor, validation": 0.2}
    assert comparison.labelled_levels("probe/other/accuracy") == {}
    assert list(wide_table(comparison).columns)[-3:] == ["lag/inside", "lag/beyond", "lag/far"]
    assert wide_table(comparison).loc["chance"].tolist()[-3:] == ["0.5"] * 3
    rows = score_frame([comparison]).query("model == 'chance'")
    assert rows["score"].tolist() == ordered
    assert rows["mark"].tolist() == ["reference"] * 3


def test_a_mean_of_an_earlier_version_over_all_values_is_shown_and_ranks_nothing() -> None:
    by_value = {"probe/lag/5/rmse": GOOD, "probe/lag/50/rmse": GOOD}
    comparison = compared(
        population("rnn", {"val/rmse": BAD, "probe/lag/rmse": BAD, **by_value}),
        population("lstm", {"val/rmse": GOOD, "probe/lag/rmse": GOOD, **by_value}),
    )
    assert comparison.scores["probe/lag/rmse"].better is None
    assert {pair.metric for pair in comparison.pairs} == {"val/rmse"}
    assert [line for line in sentences(comparison) if line.startswith("lag")] == [
        "lag: descriptive; models are not ranked by it"
    ]
