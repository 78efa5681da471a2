"""Schedules are torch's, stepped once per update, equal for a member alone, and continue where a training stopped."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch
from torch import nn
from torch.optim import lr_scheduler

from seqprobe.checks import InvalidValue
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.data import Order
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.schedules import WarmupCosine
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.member import build_member
from seqprobe.seeds import generator
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

STEPS = 23
TASK = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6, train_size=20, val_size=4, batch_size=8)
SGD = partial(torch.optim.SGD, lr=0.2, momentum=0.9)
COSINE = partial(lr_scheduler.CosineAnnealingLR, T_max=STEPS)
SCHEDULES: dict[str, Any] = {
    "cosine": COSINE,
    "warmup_cosine": partial(WarmupCosine, max_steps=STEPS, warmup=0.3),
    "one_cycle": partial(lr_scheduler.OneCycleLR, max_lr=0.3, total_steps=STEPS),
    "step": partial(lr_scheduler.StepLR, step_size=4, gamma=0.5),
}
NETWORK = partial(RecurrentNetwork, cell=RNN, hidden_size=4)
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


def experiment(schedule: Any, seeds: tuple[int, ...] = (3, 0), engine: str = "stacked", **settings: Any) -> Experiment:
    chosen = {"val_every": 7, "log_every": 3, "accelerator": "cpu", "precision": "64-true", **settings}
    return Experiment(
        TASK, NETWORK, SGD, list(seeds), TrainerSettings(STEPS, **chosen), scheduler=schedule, engine=engine
    )


@cache
def trained(*arguments: Any, **settings: Any) -> tuple[TrainResult, MemoryRecorder]:
    recorder = MemoryRecorder()
    return fit(experiment(*arguments, **settings), recorder), recorder


def rates(schedule: Any) -> list[float]:
    """The learning rate of every update, by torch alone."""
    optimizer = SGD([nn.Parameter(torch.zeros(1))])
    scheduler, used = schedule(optimizer), []
    for _ in range(STEPS):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return used


@pytest.mark.parametrize("name", ["cosine", "one_cycle"])
@each_engine
def test_a_member_is_torchs_own_loop(name: str, engine: str) -> None:
    network = build_member(partial(NETWORK, 1, 1, "seq2vec", 6), 7).double()
    data, optimizer, expected = TASK.sample(20, generator(7, "train_data")), SGD(network.parameters()), []
    scheduler = SCHEDULES[name](optimizer)
    for indices in Order(7, 8, 20).indices(range(STEPS)):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(network(data.inputs[indices], data.lengths[indices]), data.targets[indices])
        loss.backward()
        optimizer.step()
        scheduler.step()
        expected.append(loss.item())
    recorded = trained(SCHEDULES[name], (7,), engine, log_every=1)[1]
    np.testing.assert_allclose(recorded.history("train/loss")[1][0], expected, rtol=1e-9, atol=0)
    assert recorded.history("train/lr")[1][0].tolist() == rates(SCHEDULES[name])


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rate_of_the_last_update_of_a_record_is_recorded(name: str) -> None:
    steps, recorded = trained(SCHEDULES[name])[1].history("train/lr")
    assert steps.tolist() == [3, 6, 9, 12, 15, 18, 21, 23]
    assert recorded.tolist() == [[rates(SCHEDULES[name])[step - 1] for step in steps]] * 2
    assert len(np.unique(recorded)) > 4


def test_without_a_schedule_no_rate_is_recorded() -> None:
    assert "train/lr" not in trained(None)[1].metrics_at


@each_engine
def test_a_member_is_its_solo_run_to_the_bit(engine: str) -> None:
    together, alone = (trained(COSINE, seeds, engine)[0].population for seeds in ((3, 0), (0,)))
    assert together.weights[1].tolist() == alone.weights[0].tolist()


def test_engines_agree() -> None:
    stacked, looped = (trained(COSINE, engine=engine)[0].population.weights for engine in ("stacked", "looped"))
    torch.testing.assert_close(stacked, looped, rtol=1e-9, atol=1e-12)


class Stopped(Exception):
    """The process ended here."""


class Stop(lightning.Callback):
    """End a training after so many Lightning batches."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def on_train_batch_end(self, *args: Any) -> None:
        self.batches -= 1
        if self.batches == 0:
            raise Stopped


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("batches", [1, 4])
def test_a_schedule_resumes_bit_for_bit(
    name: str, batches: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 3)
    requested, notices, resumed = experiment(SCHEDULES[name]), list[str](), MemoryRecorder()
    expected, whole = trained(SCHEDULES[name])

    def previous() -> PreviousWork:
        return PreviousWork.load(Checkpoints(tmp_path, notice=notices.append), requested.seeds)

    with pytest.raises(Stopped):
        fit(requested, resumed, callbacks=[Stop(batches)], previous=previous())
    result = fit(requested, resumed, previous=previous())
    assert notices == []
    assert result.population.weights.tolist() == expected.population.weights.tolist()
    np.testing.assert_equal(resumed.metrics_at, whole.metrics_at)


def test_warmup_cosine_rises_in_equal_steps_and_falls_to_its_minimum() -> None:
    found = rates(partial(WarmupCosine, max_steps=STEPS, warmup=0.3, eta_min=0.02))
    np.testing.assert_allclose(found[:7], 0.2 * np.arange(1, 8) / 7, rtol=1e-12, atol=0)
    falling = 0.02 + 0.09 * (1 + np.cos(np.pi * np.arange(16) / 16))
    np.testing.assert_allclose(found[7:], falling, rtol=1e-9, atol=0)


class Ending(lr_scheduler.LRScheduler):
    """A user's schedule that has no rate after ten updates."""

    def get_lr(self) -> list[Any]:
        return [[0.1][self.last_epoch // 10]]


class Plain:
    """No scheduler at all."""

    def __init__(self, optimizer: Any) -> None:
        """Take an optimizer as schedulers do."""


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (lr_scheduler.ReduceLROnPlateau, "scheduler._target_=ReduceLROnPlateau: must be .* that reads no metric"),
        (Plain, "scheduler._target_=Plain: must be a torch.optim.lr_scheduler.LRScheduler"),
        (partial(lr_scheduler.StepLR, step_size=9, gamma=-1), "scheduler=StepLR: gives update 10 the .* rate -0.2"),
        (partial(lr_scheduler.ExponentialLR, gamma=1e200), "scheduler=ExponentialLR: gives update 3 .* rate inf"),
        (partial(lr_scheduler.StepLR, step_size=0), "scheduler.step_size=0: must be an integer >= 1"),
        (partial(lr_scheduler.MultiStepLR, milestones="abc"), "scheduler.milestones=a: must be an integer >= 0"),
        (partial(lr_scheduler.CosineAnnealingLR, T_max=0), "scheduler.T_max=0: must be > 0"),
        (Ending, "scheduler=Ending: has no learning rate after update 10 of 23: list index out of range"),
        (partial(WarmupCosine, max_steps=STEPS, warmup=1.5), "warmup=1.5: must be in 0 … 1"),
    ],
)
def test_what_is_no_schedule_of_all_updates_is_refused(schedule: Callable[..., Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{message}"):
        experiment(schedule).check()
