"""What a training is made of beyond its defaults: for each choice, a member is its solo run, and resumes are exact."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch
from torch import nn
from torch.optim import lr_scheduler

from seqprobe.batch import Batch
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.memory import bytes_held
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.bidirectional import BidirectionalNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.scaling import Scaling
from seqprobe.tasks import Task

STEPS, SEEDS = 11, (3, 0, 7)


class Ragged(Task):
    """Sequences of several lengths."""

    def __init__(self, name: str = "ragged") -> None:
        super().__init__(name, 2, ("a", "b"), "seq2seq", "mse", 7, train_size=12, val_size=4, batch_size=4)

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        lengths = torch.randint(2, 8, (n,), generator=generator)
        inputs, noise = torch.randn(2, n, 7, 2, generator=generator, dtype=torch.float64)
        return Batch(inputs, inputs.cumsum(1) + 0.1 * noise, lengths)


class InUnits(Ragged):
    """Sequences that networks normalise, as those of a table."""

    def scaling(self) -> Scaling:
        numbers = ([1.0, -2.0], [2.0, 0.5], [10.0, 20.0], [5.0, 3.0])
        return Scaling(*(torch.tensor(values, dtype=torch.float64) for values in numbers))


CHOICES: dict[str, dict[str, Any]] = {
    "dropout": {"network": partial(RecurrentNetwork, cell=GRU, hidden_size=4, num_layers=2, dropout=0.4)},
    "both directions": {"network": partial(BidirectionalNetwork, cell=LSTM, hidden_size=4)},
    "truncation": {"network": partial(RecurrentNetwork, cell=LSTM, hidden_size=4, truncation=3)},
    "mixed layers": {"network": partial(RecurrentNetwork, cell=[LSTM, GRU], hidden_size=4, num_layers=2)},
    "loss": {"loss": nn.HuberLoss(reduction="none", delta=0.3)},
    "schedule": {"scheduler": partial(lr_scheduler.CosineAnnealingLR, T_max=STEPS)},
    "units, loss": {"task": InUnits(), "loss": nn.L1Loss(reduction="none")},
    "units, both directions": {
        "task": InUnits(),
        "network": partial(BidirectionalNetwork, cell=GRU, hidden_size=4),
        "loss": nn.SmoothL1Loss(reduction="none"),
    },
}
PLAIN = {"network": partial(RecurrentNetwork, cell=RNN, hidden_size=4), "task": Ragged()}
each_choice = pytest.mark.parametrize("choice", CHOICES)
PAIRS = [
    (name, engine) for name in CHOICES for engine in ("looped", "stacked") if name != "dropout" or engine == "looped"
]


def with_engines(*fast: tuple[str, str]) -> pytest.MarkDecorator:
    """Every choice in every engine that has it; all but the ``fast`` ones are slow tests."""
    slow = {pair: [] if pair in fast else [pytest.mark.slow] for pair in PAIRS}
    return pytest.mark.parametrize(("choice", "engine"), [pytest.param(*pair, marks=slow[pair]) for pair in PAIRS])


def experiment(choice: str, engine: str, seeds: Sequence[int] = SEEDS, memory_gib: float | None = None) -> Experiment:
    trainer = TrainerSettings(
        STEPS, val_every=4, log_every=1, accelerator="cpu", precision="64-true", memory_gib=memory_gib
    )
    return Experiment(
        optimizer=partial(torch.optim.Adam, lr=0.02),
        seeds=list(seeds),
        trainer=trainer,
        engine=engine,
        **{**PLAIN, **CHOICES[choice]},
    )


@pytest.fixture(autouse=True)
def _short_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 3)


@cache
def trained(choice: str, engine: str, seeds: Sequence[int] = SEEDS) -> tuple[TrainResult, MemoryRecorder]:
    recorder = MemoryRecorder()
    return fit(experiment(choice, engine, seeds), recorder), recorder


@with_engines(
    ("dropout", "looped"), ("both directions", "looped"), ("truncation", "looped"), ("mixed layers", "stacked")
)
def test_a_member_is_its_solo_run(choice: str, engine: str) -> None:
    (together, _), (alone, _) = trained(choice, engine), trained(choice, engine, (0,))
    limits = {"rtol": 0, "atol": 0} if engine == "looped" else {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(together.population.weights[1].detach(), alone.population.weights[0].detach(), **limits)
    np.testing.assert_allclose(together.scores["rmse"][1], alone.scores["rmse"][0], **limits)
    losses = trained(choice, engine)[1].history("train/loss")[1]
    assert len(np.unique(losses)) == STEPS * len(SEEDS)  # every member learns from data of its own


@pytest.mark.slow
@each_choice
def test_engines_agree(choice: str) -> None:
    if choice == "dropout":
        with pytest.raises(ValueError, match="engine=stacked: "):
            experiment(choice, "stacked").check()
        return
    stacked, looped = (trained(choice, engine)[0].population.weights for engine in ("stacked", "looped"))
    torch.testing.assert_close(stacked, looped, rtol=1e-9, atol=1e-12)


class Stopped(Exception):
    """The process ended here."""


class Stop(lightning.Callback):
    """End a training after its second Lightning batch, which is its sixth update."""

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx == 1:
            raise Stopped


@with_engines(("dropout", "looped"), ("mixed layers", "stacked"), ("units, loss", "stacked"))
def test_a_training_resumes_bit_for_bit(choice: str, engine: str, tmp_path: Path) -> None:
    requested, resumed, notices = experiment(choice, engine), MemoryRecorder(), list[str]()
    expected, whole = trained(choice, engine)

    def previous() -> PreviousWork:
        return PreviousWork.load(Checkpoints(tmp_path, notice=notices.append), requested.seeds)

    with pytest.raises(Stopped):
        fit(requested, resumed, callbacks=[Stop()], previous=previous())
    torch.rand(5)  # wherever the generator of the new process stands
    result = fit(requested, resumed, previous=previous())
    assert notices == []
    assert result.population.weights.tolist() == expected.population.weights.tolist()
    np.testing.assert_equal(resumed.metrics_at, whole.metrics_at)


@with_engines(("schedule", "stacked"))
def test_groups_of_members_change_nothing(choice: str, engine: str) -> None:
    whole, recorded = trained(choice, engine)
    requested = experiment(choice, engine)
    member = bytes_held(requested.task, requested.build_network(), torch.float64)
    recorder = MemoryRecorder()
    result = fit(experiment(choice, engine, memory_gib=(2 * member + 2) / 2**30), recorder)
    limits = {"rtol": 0, "atol": 0} if engine == "looped" else {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(result.population.weights.detach(), whole.population.weights.detach(), **limits)
    assert list(recorder.metrics_at) == list(recorded.metrics_at)
    for name in recorded.metrics_at:
        np.testing.assert_allclose(recorder.history(name)[1], recorded.history(name)[1], **limits, err_msg=name)
