"""Ratios are paired by round, and a goal is met exactly from its threshold on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from seqprobe.bench.ratios import AUTO, BARE, COMMON, goals, medians, rounds_of, spread, times_cheaper
from seqprobe.bench.shapes import Shape
from seqprobe.bench.sides import BareLoop, CommonWay
from seqprobe.reports.number_format import interval_text
from seqprobe.reports.statistics import Interval

Costs = Mapping[tuple[str, int], Sequence[float]]


def frame_of(costs: Costs) -> pd.DataFrame:
    """Measurements, turn by turn, of made-up milliseconds by side and number of seeds."""
    rows = [
        {"side": side, "seeds": seeds, "round": turn, "updates": 10, "ms": float(ms)}
        for (side, seeds), measured in costs.items()
        for turn, ms in enumerate(measured)
    ]
    return pd.DataFrame(rows).sort_values("round", kind="stable", ignore_index=True)


def met(costs: Costs, wanted: Mapping[int, float] = {}, bare: float | None = None) -> dict[str, bool]:
    """Goals and whether they were met."""
    return {goal.target: goal.met for goal in goals(frame_of(costs), Shape("rnn", 1, 3, 4, wanted, bare))}


def test_sides_are_called_what_the_summary_looks_for() -> None:
    assert (CommonWay.name, BareLoop.name) == (COMMON, BARE)


@pytest.mark.parametrize(
    ("values", "expected", "said"),
    [
        ([3.0, 1.0, 2.0], Interval(2.0, 1.0, 3.0, 3), "2 [1, 3]"),
        ([4.0, 1.0, 2.0, 3.0], Interval(2.5, 1.0, 4.0, 4), "2.5 [1, 4]"),
        ([0.123456], Interval(0.123456, 0.123456, 0.123456, 1), "0.1235"),
    ],
)
def test_a_spread_is_a_median_with_least_and_greatest(values: list[float], expected: Interval, said: str) -> None:
    assert spread(np.array(values)) == expected
    assert interval_text(expected) == said


def test_rounds_are_of_one_side_and_one_number_of_seeds_in_their_order() -> None:
    frame = frame_of({("auto", 1): [1, 2, 3], ("auto", 16): [4, 5, 6], (COMMON, 1): [7, 8, 9]})
    shuffled = frame.sample(frac=1, random_state=0)
    assert rounds_of(shuffled, "auto", 16).tolist() == [4, 5, 6]
    assert rounds_of(shuffled, "looped", 16).tolist() == rounds_of(shuffled, "auto", 2).tolist() == []


def test_medians_are_by_side_and_number_of_seeds() -> None:
    found = medians(frame_of({(COMMON, 1): [9, 7, 8], ("auto", 1): [3, 1, 2], ("auto", 16): [0.5, 0.25, 4]}))
    assert found == {(COMMON, 1): 8.0, ("auto", 1): 2.0, ("auto", 16): 0.5}


def test_ratios_are_paired_by_round() -> None:
    frame = frame_of({(COMMON, 1): [10, 100, 30], ("auto", 16): [50, 1, 2]})
    assert times_cheaper(frame, COMMON, "auto", 16)[:3] == (15.0, 0.2, 100.0)


@pytest.mark.parametrize(("ms", "reached"), [(0.9, True), (1.0, True), (1.1, False)])
def test_a_ratio_to_the_common_way_is_met_from_its_threshold_on(ms: float, reached: bool) -> None:
    costs = {(COMMON, 1): [15, 30, 15], ("auto", 16): [ms, ms, ms]}
    assert met(costs, {16: 15}) == {"16 seeds at least 15x cheaper": reached}


@pytest.mark.parametrize(("ms", "reached"), [(1.9, True), (2.0, True), (2.1, False)])
def test_a_ratio_to_the_bare_loop_is_met_up_to_its_threshold(ms: float, reached: bool) -> None:
    costs = {(BARE, 1): [1, 1, 0.1], ("auto", 1): [ms, ms, ms]}
    assert met(costs, bare=2) == {"1 seed at most 2x a bare loop": reached}


@pytest.mark.parametrize(("ms", "reached"), [(2.1, True), (2.0 * AUTO, True), (2.3, False)])
@pytest.mark.parametrize("better", ["stacked", "looped"])
@pytest.mark.parametrize(("seeds", "quantity"), [(1, "1 seed"), (5, "5 seeds")])
def test_auto_is_held_against_the_better_engine(
    ms: float, reached: bool, better: str, seeds: int, quantity: str
) -> None:
    worse = {"stacked": "looped", "looped": "stacked"}[better]
    costs = {(better, seeds): [2, 2, 9], (worse, seeds): [5, 5, 1], ("auto", seeds): [ms, ms, ms]}
    assert met(costs) == {f"auto at most 1.1x the best engine, {quantity}": reached}


def test_a_goal_is_judged_by_the_median_of_its_rounds() -> None:
    costs = {(COMMON, 1): [10, 10, 10], ("auto", 16): [0.5, 2, 100]}
    (goal,) = goals(frame_of(costs), Shape("rnn", 1, 3, 4, {16: 5}))
    assert (goal.reached[:3], goal.met) == ((5.0, 0.1, 20.0), True)


@pytest.mark.parametrize("missing", [(COMMON, 1), (BARE, 1), ("auto", 1), ("auto", 16), ("stacked", 1), ("looped", 16)])
def test_a_goal_of_what_was_not_measured_is_left_out(missing: tuple[str, int]) -> None:
    needed = {
        "16 seeds at least 2x cheaper": {(COMMON, 1), ("auto", 16)},
        "1 seed at most 2x a bare loop": {(BARE, 1), ("auto", 1)},
        "auto at most 1.1x the best engine, 1 seed": {("stacked", 1), ("looped", 1), ("auto", 1)},
        "auto at most 1.1x the best engine, 16 seeds": {("stacked", 16), ("looped", 16), ("auto", 16)},
    }
    sides = [(COMMON, 1), (BARE, 1), *((side, seeds) for seeds in (1, 16) for side in ("stacked", "looped", "auto"))]
    everything: dict[tuple[str, int], list[float]] = {side: [1, 2] for side in sides}
    assert set(met(everything, {16: 2}, 2)) == set(needed)
    del everything[missing]
    assert set(met(everything, {16: 2}, 2)) == {goal for goal, of in needed.items() if missing not in of}


def test_goals_for_numbers_of_seeds_that_were_not_measured_are_left_out() -> None:
    assert met({(COMMON, 1): [10], ("auto", 16): [1]}, {256: 30}) == {}
