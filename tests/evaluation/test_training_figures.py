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
from seqprobe.evaluation import data_figures
from seqprobe.evaluation.data_figures import draw_data
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line
from seqprobe.tasks.inverse import Inverse


def test_examples_have_their_targets_as_columns() -> None:
    task = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=3, val_size=2, batch_size=3)
    network, optimizer = partial(RecurrentNetwork, cell=LSTM, hidden_size=3), partial(torch.optim.SGD, lr=0.1)
    recorder = MemoryRecorder()
    draw_data(Experiment(task, network, optimizer, [0], TrainerSettings(10)), recorder)
    table = recorder.tables["examples"]
    assert list(table) == ["sequence", "x", "y", "target slope"]
    slopes = table.groupby("sequence")["y"].agg(lambda y: y.iloc[-1] - y.iloc[0]) / np.ptp(table["x"])
    assert slopes.tolist() == pytest.approx(table.groupby("sequence")["target slope"].first().tolist())


def test_what_inputs_determine_is_a_figure_of_the_task_not_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_figures, "REPEATS", 1)
    drawn = []
    for cell, seeds in ((LSTM, [0]), (RNN, [3, 4])):
        network, recorder = partial(RecurrentNetwork, cell=cell, hidden_size=3), MemoryRecorder()
        draw_data(
            Experiment(Inverse("inverse", [2, 3]), network, torch.optim.SGD, seeds, TrainerSettings(10)), recorder
        )
        assert list(recorder.figures) == ["data"]
        assert recorder.figures["data"].get_suptitle() == "inverse: how well the inputs determine z, for any network"
        drawn.append(recorder.tables["data"])
    first, second = drawn
    assert first.equals(second)
    assert first["inputs"].tolist() == [1, 2, 3, 4]
    floors = first["least_rmse"].to_numpy()
    assert floors[[0, 1, 3]] == pytest.approx([2.5, 1.16, 0.034], rel=0.05)
    assert 0.1 < floors[2] < 0.3  # a few questions have another answer far away


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
