"""How far back the gradient reaches, by members whose norms are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqprobe.batch import Batch
from seqprobe.probes.gradient import Gradient
from seqprobe.tasks.remember import Remember

TASK = Remember("remember", lag=4, symbols=3)


@dataclass
class Decaying:
    """Members whose gradient is multiplied by a factor each step back, and by another one before training."""

    factors: list[float]
    before: list[float]

    def state_gradient_norms(self, batch: Batch) -> np.ndarray:
        seeds, size, time = batch.inputs.shape[:3]
        assert (seeds, size) == (len(self.factors), 7)
        back = np.arange(time)[::-1]
        return np.stack([np.tile(3 * factor**back, (size, 1)) for factor in self.factors])

    def untrained_members(self) -> Decaying:
        return Decaying(self.before, self.factors)

    def predict(self, batch: Batch) -> np.ndarray:
        raise NotImplementedError  # never called here

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        raise NotImplementedError  # never called here


def test_norms_are_shares_of_the_last_ones_on_sequences_of_the_longest_lag() -> None:
    result = Gradient([1, 2, 10], size=7).run(Decaying([0.5, 1.0], [0.1, 2.0]), TASK, [0, 1])
    assert result.labels == ["1", "2", "10"]
    np.testing.assert_allclose(result.scores["kept"], [[0.5, 0.25, 0.5**10], [1, 1, 1]])
    np.testing.assert_allclose(result.scores["untrained"], [[0.1, 0.01, 1e-10], [2, 4, 1024]])
    assert [axes.get_yscale() for axes in Gradient([1, 2, 10]).draw(result, TASK, "title").axes] == ["log", "log"]


def test_it_looks_inside_and_does_not_run_during_training() -> None:
    assert Gradient([1]).during_training() is None
