"""The line that a run ends with."""

from __future__ import annotations

import numpy as np
import pytest

from seqprobe.run.outcome import summary
from seqprobe.scoring import ACCURACY, RMSE, RMSE_SETTLED, Score

SCORES = {"rmse": [0.1, 0.2, 0.4], "rmse_settled": [0.01, np.nan, 0.03], "accuracy": [np.nan] * 3}
ENDING = "stacked  3 s"


@pytest.mark.parametrize(
    ("score", "line"),
    [
        (RMSE, "val/rmse 0.2 (median of 3 seeds)"),
        (RMSE_SETTLED, "val/rmse_settled 0.02 (median of 2 of 3 seeds, the others diverged)"),
        (ACCURACY, "all 3 seeds diverged"),
    ],
)
def test_the_summary_has_the_main_score(score: Score, line: str) -> None:
    scores = {name: np.array(values) for name, values in SCORES.items()}
    assert summary("sine · lstm", score, scores, ENDING) == f"sine · lstm  {line}  {ENDING}"


def test_the_summary_of_one_seed() -> None:
    assert summary("t", RMSE, {"rmse": np.array([0.5])}, ENDING) == f"t  val/rmse 0.5 (1 seed)  {ENDING}"
