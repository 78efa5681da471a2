"""What is asked of networks that remember a symbol, by members whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from probes.function_members import FunctionMembers

from seqprobe.batch import Batch
from seqprobe.probes.lag import Lag
from seqprobe.tasks.remember import Remember

TASK = Remember("remember", lag=4, symbols=3)


def right(batch: Batch) -> np.ndarray:
    return np.eye(3)[batch.targets.numpy()]


def forgetful(batch: Batch) -> np.ndarray:
    """The first symbol, unless it is longer ago than in training."""
    return right(batch) if batch.inputs.shape[1] <= 5 else np.eye(3)[np.zeros_like(batch.targets.numpy())]


def test_lags_beyond_training_are_that_far_away() -> None:
    result = Lag([2, 4, 10], size=60).run(FunctionMembers([right, forgetful]), TASK, [0, 1])
    assert result.varied == "lag (steps)"
    assert result.distances is not None
    assert result.distances.tolist() == [-2, 0, 6]
    assert result.bands == ["beyond", "inside", "far"]
    assert result.levels["accuracy"]["chance"].tolist() == [[1 / 3] * 3] * 2
    assert result.scores["accuracy"][0].tolist() == [1, 1, 1]
    assert result.scores["accuracy"][1].tolist() == [1, 1, pytest.approx(1 / 3, abs=0.2)]


def test_fewer_sequences_are_asked_during_training() -> None:
    cheaper = Lag([2, 4]).during_training()
    assert isinstance(cheaper, Lag)
    assert (cheaper.values, cheaper.size) == ([2, 4], 100)
    assert TASK.max_length == 5


def test_a_probe_may_state_how_far_beyond_reaches() -> None:
    class Near(Lag):
        reach = 6.0

    result = Near([2, 4, 10, 11], size=60).run(FunctionMembers([right]), TASK, [0])
    assert result.bands == ["beyond", "inside", "beyond", "far"]
