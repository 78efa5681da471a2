"""Figures of a training, and the tables beside them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from trainings import train

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.evaluation.training_figures import draw_examples
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line


def test_examples_have_their_targets_as_columns() -> None:
    task = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=3, val_size=2, batch_size=3)
    network, optimizer = partial(RecurrentNetwork, cell=LSTM, hidden_size=3), partial(torch.optim.SGD, lr=0.1)
    recorder = MemoryRecorder()
    draw_examples(Experiment(task, network, optimizer, [0], TrainerSettings(10)), recorder)
    table = recorder.tables["examples"]
    assert list(table) == ["sequence", "x", "y", "target slope"]
    slopes = table.groupby("sequence")["y"].agg(lambda y: y.iloc[-1] - y.iloc[0]) / np.ptp(table["x"])
    assert slopes.tolist() == pytest.approx(table.groupby("sequence")["target slope"].first().tolist())


class Ragged(Reproduce):
    """Curves of three and of five points."""

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        return replace(super().sample(n, generator), lengths=torch.tensor([3, 5])[torch.arange(n) % 2])


@pytest.fixture
def ragged() -> Experiment:
    task = Ragged("t", Line(slope=1, intercept=1), points=5, train_size=2, val_size=2, batch_size=2)
    network, optimizer = partial(RecurrentNetwork, cell=LSTM, hidden_size=3), partial(torch.optim.SGD, lr=0.1)
    return Experiment(task, network, optimizer, [0, 1], TrainerSettings(2))


def test_padding_is_drawn_in_no_figure(ragged: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    animated: list[np.ndarray] = []

    def record_arrays(x: Any, label: Any, truth: np.ndarray, frames: np.ndarray, *rest: Any) -> bytes:
        animated.extend([truth[..., 0], *frames.reshape(-1, 2, 5)])
        return b""

    monkeypatch.setattr(figures, "sequence_animation", record_arrays)
    recorder = MemoryRecorder()
    train(ragged, recorder)
    fitted = [line.get_ydata() for line in recorder.figures["fit"].axes[0].lines]
    expected = [[True] * 3 + [False] * 2, [True] * 5]
    assert [np.isfinite(line).tolist() for line in fitted] == expected + expected  # truths, then medians
    assert len(animated) >= 3
    assert [np.isfinite(array).tolist() for array in animated] == [expected] * len(animated)
    examples = [line.get_ydata() for line in recorder.figures["examples"].axes[0].lines]
    assert [np.isfinite(line).tolist() for line in examples] == expected
    assert recorder.tables["examples"].groupby("sequence").size().tolist() == [3, 5]
