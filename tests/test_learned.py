"""A member's outcome is the share of the gap that it closed, from the constant to the best possible predictor."""

from __future__ import annotations

import numpy as np
import pytest

from seqprobe.checks import InvalidValue
from seqprobe.learned import (
    OutcomeLimits,
    closed_shares,
    member_outcomes,
    outcome_text,
    population_metrics,
    recorded_outcome,
)
from seqprobe.scoring import ACCURACY, RMSE, Score

NAN = float("nan")


def outcomes(score: Score, values: list[float], **levels: float) -> list[str]:
    return member_outcomes(
        score,
        np.array(values),
        {role: np.full(len(values), level) for role, level in levels.items()},
        np.zeros(len(values), bool),
    )


def test_an_error_is_read_against_zero_where_no_floor_is_known() -> None:
    values = [0.3, 0.2, 0.1001, 0.1, 0.0101, 0.01, 0.0]
    assert outcomes(RMSE, values, constant=0.2) == [*["did not learn"] * 3, *["learned"] * 2, *["solved"] * 2]


def test_an_error_is_read_against_the_floor() -> None:
    values = [0.151, 0.15, 0.11, 0.105, 0.09]
    assert outcomes(RMSE, values, constant=0.2, floor=0.1) == ["did not learn", *["learned"] * 2, *["solved"] * 2]


def test_an_accuracy_is_read_against_one() -> None:
    values = [0.1, 0.62, 0.63, 0.962, 0.963, 1.0]
    assert outcomes(ACCURACY, values, constant=0.25) == [*["did not learn"] * 2, *["learned"] * 2, *["solved"] * 2]


def test_a_value_that_is_not_finite_learned_nothing_and_a_diverged_member_is_that() -> None:
    assert outcomes(RMSE, [NAN, np.inf], constant=0.2) == ["did not learn"] * 2
    assert outcomes(ACCURACY, [NAN], constant=0.2) == ["did not learn"]
    diverged = member_outcomes(RMSE, np.zeros(2), {"constant": np.ones(2)}, np.array([True, False]))
    assert diverged == ["diverged", "solved"]


def test_without_a_gap_nothing_is_judged() -> None:
    assert outcomes(RMSE, [0.1, NAN]) == ["finite", "finite"]
    assert outcomes(RMSE, [0.1], constant=0.0) == ["finite"]
    assert outcomes(ACCURACY, [1.0], constant=1.0) == ["finite"]
    assert outcomes(RMSE, [np.inf, NAN], constant=np.inf, floor=np.inf) == ["finite"] * 2


def test_shares_are_linear_in_the_score_as_recorded() -> None:
    closed = closed_shares(RMSE, np.array([0.4, 0.3, 0.05]), np.full(3, 0.3), np.full(3, 0.05))
    np.testing.assert_allclose(closed, [-0.4, 0.0, 1.0])


def test_a_task_may_state_its_limits() -> None:
    limits = OutcomeLimits(learned=0.09, solved=0.6)
    values, levels = np.array([0.95, 0.9, 0.4]), {"constant": np.ones(3)}
    assert member_outcomes(RMSE, values, levels, np.zeros(3, bool), limits) == ["did not learn", "learned", "solved"]
    for learned, solved in ((0.0, 0.5), (0.9, 0.5), (0.5, 1.1)):
        with pytest.raises(InvalidValue, match="0 < learned <= solved <= 1"):
            OutcomeLimits(learned, solved)


@pytest.mark.parametrize(
    ("tag", "metrics", "outcome"),
    [
        ("finite", {"val/rmse": 0.1, "reference/constant predictor": 1.0, "reference/Bayes floor": 0.08}, "solved"),
        ("finite", {"val/rmse": 0.1, "reference/constant": 1.0}, "learned"),
        ("finite", {"val/rmse": 0.1}, "finite"),
        ("diverged", {"reference/constant": 1.0}, "diverged"),
        ("solved", {"val/rmse": 5.0, "reference/constant": 1.0}, "solved"),  # by the limits of its task, then
    ],
)
def test_runs_of_earlier_versions_are_judged_by_their_metrics(
    tag: str, metrics: dict[str, float], outcome: str
) -> None:
    assert recorded_outcome(tag, metrics, RMSE) == outcome


def test_what_cannot_be_read_is_as_it_was_recorded() -> None:
    assert recorded_outcome("finite", {"reference/constant": 1.0}, None) == "finite"


def test_populations_have_shares_and_a_text() -> None:
    several = ["solved", "learned", "did not learn", "diverged"]
    assert population_metrics(several) == {
        "members_finite": 3.0,
        "share_learned": 0.5,
        "share_solved": 0.25,
    }
    assert population_metrics(["solved", "finite", "diverged"]) == {"members_finite": 2.0}
    assert outcome_text(several) == "1 of 4 solved, 1 learned, 1 did not learn, 1 diverged"
    assert outcome_text(["solved"] * 5) == "5 of 5 solved"
    assert outcome_text(["finite"] * 5) == ""
    assert outcome_text(["finite", "diverged"]) == "1 diverged"
