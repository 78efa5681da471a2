"""What stopped being finite is named: the data, the loss, the gradient or the weights, and where in them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.learning.data import Order, PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import ENGINES
from seqprobe.models.population import Population
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

TASK = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=4, train_size=20, val_size=4, batch_size=2)
SEEDS = [0, 3, 7]
FIRST = int(np.argwhere((Order(3, 2, 20).indices(range(20)) == 11).any(1))[0, 0])
"""The update in which seed 3 first sees its training sequence 11."""
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


def run(engine: str, lr: float = 0.01, optimizer: Any = torch.optim.SGD) -> TrainResult:
    network = partial(RecurrentNetwork, cell=RNN, hidden_size=3)
    settings = TrainerSettings(20, val_every=10, accelerator="cpu")
    return fit(Experiment(TASK, network, partial(optimizer, lr=lr), SEEDS, settings, engine=engine), MemoryRecorder())


def spoil(monkeypatch: pytest.MonkeyPatch, which: str, what: str, place: tuple[int, ...], value: float) -> None:
    """Put a number into the data of the second member."""

    def data(*args: Any, **settings: Any) -> PopulationData:
        drawn = PopulationData(*args, **settings)
        getattr(getattr(drawn, which), what)[1][place] = value
        return drawn

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", data)


@each_engine
@pytest.mark.parametrize(
    ("what", "place", "value", "named"),
    [("inputs", (11, 2, 0), torch.nan, "2, 0] is nan"), ("targets", (11, 0), -torch.inf, "0] is -inf")],
)
def test_training_data(
    engine: str, what: str, place: tuple[int, ...], value: float, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, "train", what, place, value)
    result = run(engine)
    assert result.diverged_at.tolist() == [-1, FIRST, -1]
    assert [result.causes[0], result.causes[2]] == ["", ""]
    row = int(np.argwhere(Order(3, 2, 20).indices(range(FIRST, FIRST + 1))[0] == 11)[0, 0])
    assert result.causes[1] == f"data: {what}[{row}, {named}"


@each_engine
def test_validation_data(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = run(engine)
    spoil(monkeypatch, "val", "inputs", (3, 1, 0), torch.inf)
    result = run(engine)
    assert result.diverged_at.tolist() == [-1, 0, -1]
    assert result.causes == ["", "validation data: inputs[3, 1, 0] is inf", ""]
    assert np.isnan(result.scores["loss"]).tolist() == [False, True, False]
    assert result.scores["loss"][[0, 2]].tolist() == clean.scores["loss"][[0, 2]].tolist()


@each_engine
def test_the_loss(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, "train", "targets", (11, 0), 1e30)  # its square is too large for 32 bits
    result = run(engine)
    assert result.diverged_at.tolist() == [-1, FIRST, -1]
    assert result.causes == ["", "loss: is inf", ""]


@each_engine
def test_a_gradient(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Population.backward

    def backward(self: Population, loss: Any, batch: Batch, numbers: Any) -> Tensor:
        losses = original(self, loss, batch, numbers)
        assert self.weights.grad is not None
        views = self.named_views(self.weights.grad)
        next(iter(views.values()))[1].flatten()[2] = torch.nan
        return losses

    monkeypatch.setattr(ENGINES[engine], "backward", backward)
    result = run(engine)
    name = next(iter(result.population.layout))
    assert result.diverged_at.tolist() == [-1, 0, -1]
    assert result.causes[1].startswith(f"gradient: {name}[")
    assert result.causes[1].endswith("] is nan")


@each_engine
def test_the_weights(engine: str) -> None:
    result = run(engine, lr=3e38, optimizer=torch.optim.SGD)
    assert set(result.diverged_at.tolist()) <= {0, 1}
    assert {cause.partition(":")[0] for cause in result.causes} <= {"weights", "loss"}
    assert "weights: overflowed in the optimizer's step" in result.causes
