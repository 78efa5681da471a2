"""Skill is the share of the gap from the constant to the best possible predictor; the matrix shows it as squares."""

from __future__ import annotations

import pandas as pd
import pytest
from reports.members import population
from rich.text import Text

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.selection import current_members
from seqprobe.reports.skill import Skill, model_skills
from seqprobe.reports.skill_matrix import best_names, matrix_row, matrix_tables, square_style

NAN = float("nan")
PATTERNS = {"gru": 1, "rnn": 2, "mlp": 3}
"""Models' seeds differ in different ways, or all differences of a pair would be equal."""


def model(name: str, outcome: str = "solved", **scores: float) -> pd.DataFrame:
    """Five seeds with these scores, whose constant predictor scores 1 and whose best possible one 0.2 on the lags."""
    metrics = {
        metric.replace("_", "/"): [value + 0.001 * (seed * PATTERNS[name] % 5) for seed in range(5)]
        for metric, value in scores.items()
    }
    metrics = {"val/rmse" if metric == "val" else f"probe/{metric}/rmse": values for metric, values in metrics.items()}
    levels = {"reference/constant": [1.0] * 5}
    for metric in metrics:
        if metric.startswith("probe/lag"):
            levels |= {f"reference/{metric}/constant": [1.0] * 5, f"reference/{metric}/floor": [0.2] * 5}
        elif metric.startswith("probe"):
            levels |= {f"reference/{metric}/chance": [1.0] * 5}
    return population(name, {**metrics, **levels}).assign(outcome=outcome)


def compared(*populations: pd.DataFrame) -> Comparison:
    (comparison,) = comparisons(current_members(pd.concat(populations)))
    return comparison


def skills(comparison: Comparison, name: str) -> dict[str, Skill]:
    (variant,) = (variant for variant in comparison.variants if variant.name == name)
    return {skill.place: skill for skill in model_skills(comparison, variant)}


def test_skill_is_the_share_of_the_gap_that_the_median_closes() -> None:
    found = skills(compared(model("gru", val=0.098, lag_inside=0.598, noise_inside=0.898, lag_far=1.498)), "gru")
    assert found["learned"].share == pytest.approx(0.9)
    assert found["inside"].share == pytest.approx((0.5 + 0.1) / 2)  # 0.4 of 0.8 with a floor, 0.1 of 1 without
    assert found["inside"].probes == ("lag", "noise")
    assert found["far"].share == pytest.approx(-0.625)
    assert found["just beyond"] == Skill("just beyond", None)
    texts = ["learned: 90 %", "inside: 30 %", "just beyond: not measured", "far: worse than a constant"]
    assert [skill.text for skill in found.values()] == texts


def test_a_probe_far_below_the_constant_cannot_outweigh_the_others() -> None:
    found = skills(compared(model("gru", val=0.1, lag_far=40.0, noise_far=0.098)), "gru")
    assert found["far"].share == pytest.approx((-1 + 0.9) / 2)


def test_no_answer_is_no_skill() -> None:
    """An MLP cannot read longer sequences: what it answers elsewhere must not make it look better than others."""
    found = skills(
        compared(model("mlp", val=0.1, lag_far=NAN, noise_far=0.098), model("gru", val=0.1, lag_far=0.3)), "mlp"
    )
    assert found["far"].share == pytest.approx(0.45)
    assert skills(compared(model("rnn", val=0.1), model("gru", val=0.1, lag_far=0.3)), "rnn")["far"].share is None


def test_probes_of_a_network_that_did_not_learn_are_not_ranked() -> None:
    found = skills(compared(model("rnn", "did not learn", val=0.898, lag_inside=0.3)), "rnn")
    assert (found["learned"].is_ranked, found["inside"].is_ranked) == (True, False)
    assert found["inside"].text == "inside: not ranked, the network did not learn the task"
    assert [square_style(skill) for skill in found.values()] == ["poor", "unranked", "none", "none"]


@pytest.mark.parametrize(
    ("share", "style"),
    [(-0.01, "worse"), (0.0, "poor"), (0.49, "poor"), (0.5, "fair"), (0.8, "good"), (0.949, "good"), (0.95, "solved")],
)
def test_colours_change_at_learned_and_solved(share: float, style: str) -> None:
    assert square_style(Skill("learned", share)) == style


def test_the_best_model_is_starred_where_no_other_one_has_more_skill() -> None:
    comparison = compared(
        model("gru", val=0.01, lag_beyond=0.265, lag_far=0.3),
        model("rnn", val=0.1, lag_beyond=0.3, noise_beyond=0.0, lag_far=0.9),
    )
    (gru,), (rnn,), none = matrix_row(comparison, ["gru", "rnn", "mlp"])
    assert none == []
    assert (
        comparison.summaries["gru", "probe/lag/beyond/rmse"].mark == "best"
    )  # but rnn's mean with the noise is higher
    assert [square["is_best"] for square in gru["squares"]] == [True, False, False, True]
    assert not any(square["is_best"] for square in rnn["squares"])
    assert gru["squares"][0]["text"] == "learned: 99 % · solved: 5 of 5 · best model"
    assert gru["label"] == "gru on sine: learned: 99 %; inside: not measured; just beyond: 92 %; far: 87 %"


def test_nothing_is_starred_where_scores_have_different_winners() -> None:
    comparison = compared(
        model("gru", val=0.1, lag_far=0.3, noise_far=0.5), model("rnn", val=0.1, lag_far=0.5, noise_far=0.3)
    )
    assert best_names(comparison, [model_skills(comparison, variant)[3] for variant in comparison.variants]) == set()


def test_the_best_by_one_score_is_not_starred_if_it_is_worse_by_another() -> None:
    """With the noise, GRU and RNN are better than the MLP, but neither is better than the other."""
    comparison = compared(
        model("mlp", val=0.1, lag_far=0.3, noise_far=0.5),
        model("gru", val=0.1, lag_far=0.9, noise_far=0.3),
        model("rnn", val=0.1, lag_far=0.9, noise_far=0.3),
    )
    assert comparison.summaries["mlp", "probe/lag/far/rmse"].mark == "best"
    assert comparison.summaries["gru", "probe/noise/far/rmse"].mark != "best"
    assert best_names(comparison, [model_skills(comparison, variant)[3] for variant in comparison.variants]) == set()


def test_members_that_diverged_or_failed_are_counted() -> None:
    comparison = compared(
        population("gru", {"val/rmse": [0.1] * 4}, seeds=[0, 1, 2, 3]),
        population("gru", {"val/rmse": [NAN]}, seeds=[4], outcome="diverged"),
        population("rnn", {"": [NAN] * 2}, seeds=[0, 1], status="FAILED"),
    )
    entries = matrix_row(comparison, ["gru", "rnn"])
    assert [entry["trouble"] for (entry,) in entries] == ["∞ 1 diverged", "✗ 2 failed"]


def test_the_terminal_shows_shares_and_splits_what_is_too_wide() -> None:
    comparison = compared(
        model("gru", val=0.01, lag_far=0.3),
        model("rnn", "did not learn", val=0.898, lag_inside=0.3),
        population(
            "mlp", {"val/rmse": [0.1] * 4, "reference/constant": [1.0] * 4}, seeds=[0, 1, 2, 3], outcome="solved"
        ),
        population("mlp", {"val/rmse": [NAN]}, seeds=[4], outcome="diverged"),
    )
    (table,) = matrix_tables([comparison], 80)
    assert [str(column.header) for column in table.columns] == ["task", "gru", "mlp", "rnn"]
    cells = [Text.from_markup(str(next(iter(column.cells)))).plain for column in table.columns]
    assert cells == ["sine", " 99   –   –  87 ", " 90   –   –   –  ∞ 1 diverged", " 10   ×   –   – "]
    narrow = matrix_tables([comparison], 50)
    assert [[str(column.header) for column in table.columns[1:]] for table in narrow] == [["gru", "mlp"], ["rnn"]]
