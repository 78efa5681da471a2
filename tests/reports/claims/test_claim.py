"""A claim is judged by the share of seeds whose number is within its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from seqprobe.reports.claims import Claim, FigureSource, Measure, Runs, judge
from seqprobe.reports.claims.claim_measures import FinalValue


@dataclass
class Constant(Measure):
    """The same numbers whatever was recorded; an exception is raised."""

    numbers: Any

    def values(self, runs: Runs) -> np.ndarray:
        if isinstance(self.numbers, Exception):
            raise self.numbers
        return np.asarray(self.numbers)


@dataclass
class Empty:
    """A population without metrics."""

    finals: dict[str, np.ndarray]
    params: dict[str, str]

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        raise KeyError(metric)


RUNS = {"experiment=post0/sine": Empty({}, {})}


def claim(measure: Measure, low: float = -np.inf, high: float = np.inf) -> Claim:
    return Claim(
        name="post0/sine/x",
        post=0,
        says="It is so.",
        place="Sine",
        kind="post",
        quantity="a number",
        runs={"sine": "experiment=post0/sine"},
        measure=measure,
        why="It separates.",
        figure=FigureSource("experiment=post0/sine", "figures/fit.png"),
        low=low,
        high=high,
    )


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside"),
    [
        (0.5, np.inf, [0.5, 3], [0.499, np.nan, -np.inf]),
        (-np.inf, 2, [2, -7], [2.001, np.nan, np.inf]),
        (1.5, 2.5, [1.5, 2.5], [1.49, 2.51, np.nan]),
        (755, 755, [755], [754, 756]),
    ],
)
def test_limits_belong_to_the_range(low: float, high: float, inside: list[float], outside: list[float]) -> None:
    judged = claim(Constant([]), low, high)
    assert judged.is_true_of(np.array([*inside, *outside])).tolist() == [True] * len(inside) + [False] * len(outside)


@pytest.mark.parametrize(("true", "word"), [(10, "holds"), (9, "holds"), (8, "partly"), (2, "partly"), (1, "fails")])
def test_nine_in_ten_hold_and_one_in_ten_fails(true: int, word: str) -> None:
    verdict = judge(claim(Constant([1.0] * true + [np.nan] * (10 - true)), low=0.5), RUNS)
    assert (verdict.word, verdict.seeds) == (word, (true, 10))


def test_the_interval_is_of_the_numbers_that_exist() -> None:
    verdict = judge(claim(Constant([1, np.nan, 3, 2]), low=0), RUNS)
    assert verdict.interval == (2, 1, 3, 3)
    assert judge(claim(Constant([np.nan, np.nan]), low=0), RUNS).interval is None
    assert judge(claim(Constant(755.0), low=755), RUNS).seeds == (1, 1)


@pytest.mark.parametrize(
    ("measure", "reason"),
    [
        (FinalValue("val/rmse"), "nothing was recorded as 'val/rmse'"),
        (Constant(ValueError("no\nsuch thing")), "its measure failed: ValueError: no such thing"),
        (Constant([]), "its measure returned shape (0,) instead of a number for each seed"),
        (Constant([[1, 2]]), "its measure returned shape (1, 2) instead of a number for each seed"),
    ],
)
def test_a_claim_without_numbers_is_not_measured(measure: Measure, reason: str) -> None:
    verdict = judge(claim(measure, low=0), RUNS)
    assert (verdict.word, verdict.seeds, verdict.interval, verdict.reason) == ("not measured", (0, 0), None, reason)


def test_a_claim_whose_training_is_missing_is_not_measured() -> None:
    assert judge(claim(Constant([1]), low=0), {}).reason == "no finished run of post0/sine"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-np.inf, 0.02, "at most 0.02"),
        (2, np.inf, "at least 2"),
        (1.5, 2.5, "1.5 to 2.5"),
        (2049, 2049, "2049"),
    ],
)
def test_limits_in_words(low: float, high: float, text: str) -> None:
    assert claim(Constant([]), low, high).allowed == text
