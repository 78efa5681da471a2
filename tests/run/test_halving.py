"""Which trials go on to more seeds and updates, and what that costs."""

from __future__ import annotations

from seqprobe.run.halving import Rung, plan_rungs, surviving_counts, surviving_trials

INFINITE = float("inf")


def test_rungs_begin_with_few_seeds_and_updates() -> None:
    rungs = plan_rungs([0, 1, 7], 800, [0.25, 0.5])
    assert rungs == [Rung((0,), 200), Rung((0, 1), 400), Rung((0, 1, 7), 800)]
    assert [rung.cost for rung in rungs] == [200, 800, 2400]
    assert plan_rungs([3], 1, [0.25, 0.5]) == [Rung((3,), 1)]
    assert plan_rungs([3], 8, []) == [Rung((3,), 8)]


def test_the_best_third_survives_and_of_equal_trials_the_first() -> None:
    assert surviving_trials([5, 1, 3, 1, 2, 1], 3) == [1, 3]
    assert surviving_trials([1, 1, 1, 1], 3) == [0, 1]
    assert surviving_trials([2], 3) == [0]


def test_what_diverged_does_not_survive() -> None:
    assert surviving_trials([INFINITE, 4, INFINITE, INFINITE], 2) == [1]
    assert surviving_trials([INFINITE] * 3, 3) == []


def test_every_model_has_the_same_number_of_trials_on_a_rung() -> None:
    assert surviving_counts(30, 10, 3, 3) == [30, 12, 6]
    assert surviving_counts(12, 10, 3, 3) == [12, 5, 3]
    assert surviving_counts(5, 10, 1, 3) == [5]
