"""The line that a run ends with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seqprobe.probes import ProbeResult
from seqprobe.probes.bands import variation
from seqprobe.run.outcome import Outcome, probe_lines, summary
from seqprobe.scoring import ACCURACY, RMSE, RMSE_SETTLED, Score

SCORES = {"rmse": [0.1, 0.2, 0.4], "rmse_settled": [0.01, np.nan, 0.03], "accuracy": [np.nan] * 3}
ENDING = "stacked"


@pytest.mark.parametrize(
    ("score", "outcomes", "line"),
    [
        (RMSE, ["solved", "solved", "learned"], "val/rmse 0.2 (median of 3 seeds; 2 of 3 solved, 1 learned)"),
        (
            RMSE_SETTLED,
            ["solved", "diverged", "did not learn"],
            "val/rmse_settled 0.02 (median of 2 of 3 seeds; 1 of 3 solved, 1 did not learn, 1 diverged)",
        ),
        (RMSE, ["finite"] * 3, "val/rmse 0.2 (median of 3 seeds)"),
        (ACCURACY, ["diverged"] * 3, "all 3 seeds diverged"),
    ],
)
def test_the_summary_has_the_main_score_and_how_many_solved(score: Score, outcomes: list[str], line: str) -> None:
    scores = {name: np.array(values) for name, values in SCORES.items()}
    assert summary("sine · lstm", score, scores, outcomes, ENDING) == f"sine · lstm  {line}  {ENDING}"


def test_the_summary_of_one_seed() -> None:
    line = summary("t", RMSE, {"rmse": np.array([0.5])}, ["learned"], ENDING)
    assert line == f"t  val/rmse 0.5 (1 seed; 0 of 1 solved, 1 learned)  {ENDING}"


def test_the_time_ends_the_line_of_what_was_trained() -> None:
    assert Outcome(0.1, "sine · lstm  stacked", seconds=3.2).line() == "sine · lstm  stacked  3 s"
    assert Outcome(0.1, "sine · lstm  stacked", seconds=3.2).line(11.6) == "sine · lstm  stacked  12 s"
    assert Outcome(0.1, "sine · lstm  finished before", skipped=True).line(11.6) == "sine · lstm  finished before"


def test_probes_are_listed_band_by_band() -> None:
    banded = ProbeResult(
        ["1", "2", "9"],
        {"rmse": np.array([[0.1, 0.5, 2.0], [0.3, np.nan, 4.0]])},
        **variation("size", [1.0, 2.0, 9.0], (0.0, 1.0)),
    )
    plain = ProbeResult(["a"], {"accuracy": np.array([[0.5], [1.0]])})
    experiment: Any = SimpleNamespace(probes={name: SimpleNamespace(scores=()) for name in ("size", "words")})
    assert probe_lines(experiment, {"size": banded, "words": plain}) == [
        "  probes inside the training range: size 0.2",
        "  probes just beyond it: size 0.5",
        "  probes far from it: size 3",
        "  probes without a training range: words 0.75 accuracy",
    ]
