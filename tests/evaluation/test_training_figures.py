"""The table beside the picture of training sequences."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

from seqprobe.evaluation.training_figures import draw_examples
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.tasks.curve_tasks import NameParameters
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
