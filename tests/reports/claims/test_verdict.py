"""A claim is judged by the share of seeds of which each of its parts is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from seqprobe.reports.claims import Claim, FigureSource, Measure, Part, Runs, judge
from seqprobe.reports.claims.claim_measures import FinalValue
from seqprobe.reports.claims.verdict import WORDS


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


def part(measure: Measure, low: float = -np.inf, high: float = np.inf, more: str = "") -> Part:
    return Part("", "a number", measure, "It separates.", low, high, more)


def claim(*parts: Part) -> Claim:
    return Claim(
        name="post0/sine/x",
        post=0,
        says="It is so.",
        place="Sine",
        kind="post",
        runs={"sine": "experiment=post0/sine"},
        parts=parts,
        figure=FigureSource("experiment=post0/sine", "figures/fit.png"),
    )


def of_seeds(true: int) -> Part:
    """A part that is true of so many of ten seeds, the first ones."""
    return part(Constant([1.0] * true + [np.nan] * (10 - true)), low=0.5)


@pytest.mark.parametrize(
    ("true", "word"),
    [(10, "holds"), (9, "holds"), (8, "true of some seeds"), (2, "true of some seeds"), (1, "fails"), (0, "fails")],
)
def test_nine_in_ten_hold_and_one_in_ten_fails(true: int, word: str) -> None:
    verdict = judge(claim(of_seeds(true)), RUNS)
    assert (verdict.word, verdict.parts[0].word, verdict.parts[0].seeds) == (word, word, (true, 10))


@pytest.mark.parametrize(
    ("true", "word"),
    [
        ((10, 10), "holds"),
        ((10, 0), "true in part"),
        ((3, 9), "true in part"),
        ((0, 0), "fails"),
        ((8, 5), "true of some seeds"),
        ((8, 1), "fails"),  # no seed but one has both
        ((10, 9, 10), "holds"),
        ((10, 0, 5), "true in part"),
    ],
)
def test_a_sentence_with_several_parts(true: Sequence[int], word: str) -> None:
    assert judge(claim(*map(of_seeds, true)), RUNS).word == word


def test_parts_that_hold_of_different_seeds_do_not_make_a_sentence_that_holds() -> None:
    first, last = [1.0] * 9 + [np.nan], [np.nan] + [1.0] * 9
    verdict = judge(claim(part(Constant(first), low=0.5), part(Constant(last), low=0.5)), RUNS)
    assert ([result.word for result in verdict.parts], verdict.word) == (["holds", "holds"], "true of some seeds")


@pytest.mark.parametrize(
    ("numbers", "word", "detail"),
    [
        ([2.0] * 10, "holds", ""),
        ([4.4] * 10, "more than said", "4.4x as fast"),
        ([2.0] * 8 + [np.inf] * 2, "true of some seeds", ""),  # the median is as it says
        ([2.0] * 4 + [3.0] * 6, "more than said", "3x as fast"),
        ([np.inf] * 10, "more than said", "∞x as fast"),
        ([1.0] * 2 + [4.4] * 8, "fails", ""),
        ([1.0] * 2 + [2.0] * 8, "true of some seeds", ""),
    ],
)
def test_numbers_beyond_the_limit_may_say_more_than_the_sentence(numbers: list[float], word: str, detail: str) -> None:
    verdict = judge(claim(part(Constant(numbers), 1.5, 2.5, "{}x as fast")), RUNS)
    assert (verdict.word, verdict.detail) == (word, detail)
    assert judge(claim(part(Constant(numbers), 1.5, 2.5)), RUNS).word != "more than said"


def test_a_sentence_says_less_than_is_true_if_no_part_of_it_is_wrong() -> None:
    as_said, more, less = (part(Constant([number] * 5), 1.5, 2.5, "{}x") for number in (1.9, 4.44, 1.0))
    verdict = judge(claim(as_said, more), RUNS)
    assert (verdict.word, verdict.detail) == ("more than said", "1.9x, 4.4x")
    assert judge(claim(as_said, more, less), RUNS).word == "true in part"
    assert judge(claim(more, less), RUNS).word == "fails"


def test_the_interval_is_of_the_numbers_that_exist() -> None:
    (result,) = judge(claim(part(Constant([1, np.nan, 3, 2]), low=0)), RUNS).parts
    assert (result.interval, result.margin) == ((2, 1, 3, 3), 2)
    (nothing,) = judge(claim(part(Constant([np.nan, np.nan]), low=0)), RUNS).parts
    assert (nothing.interval, nothing.margin) == (None, None)
    (one,) = judge(claim(part(Constant(755.0), low=755)), RUNS).parts
    assert (one.seeds, one.margin) == ((1, 1), 0)


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
    verdict = judge(claim(of_seeds(10), part(measure, low=0)), RUNS)
    assert (verdict.word, verdict.parts, verdict.reason) == ("not measured", (), reason)
    assert verdict.word in WORDS


def test_a_claim_whose_training_is_missing_is_not_measured() -> None:
    assert judge(claim(of_seeds(10)), {}).reason == "no finished run of post0/sine"
