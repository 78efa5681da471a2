"""A member that stops being finite is frozen and recorded at exactly that update; the others never notice."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from trainings import train

from seqprobe.learning import plan
from seqprobe.learning.archive import member_archive
from seqprobe.learning.data import Order
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.losses import MemberLosses
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.learning.skipped_updates import is_at_rest
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import ENGINES
from seqprobe.models.population import Population
from seqprobe.probes import Probe
from seqprobe.probes.parameter_probe import ParameterProbe
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

AT = 7
OPTIMIZERS = {
    "momentum": partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
    "Adam": partial(torch.optim.Adam, lr=0.01, weight_decay=0.1),
    "AdamW": partial(torch.optim.AdamW, lr=0.01, weight_decay=0.1),
}
ALIVE = [0, 2]


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)
    monkeypatch.setattr("seqprobe.probes.parameter_probe.ParameterProbe.draw", lambda *result: None)


def run(
    engine: str = "stacked",
    cell: Any = RNN,
    optimizer: Any = OPTIMIZERS["Adam"],
    precision: str = "64-true",
    slope: Any = (0.1, 0.9),
    scheduler: Any = None,
    **settings: Any,
) -> tuple[MemoryRecorder, TrainResult]:
    task = NameParameters("t", Line(slope, [0, 1]), ["slope"], points=4, train_size=20, val_size=4, batch_size=2)
    trainer = TrainerSettings(20, val_every=10, accelerator="cpu", precision=precision, **{"log_every": 1, **settings})
    network = partial(RecurrentNetwork, cell=cell, hidden_size=3)
    probes: dict[str, Probe] = {"slope": ParameterProbe(Line(intercept=0.5), "slope", [0.1, 0.5])}
    recorder = MemoryRecorder()
    experiment = Experiment(task, network, optimizer, [0, 3, 7], trainer, probes, engine, scheduler=scheduler)
    return recorder, train(experiment, recorder)


def poison_gradient(monkeypatch: pytest.MonkeyPatch, engine: str, value: float) -> list[Tensor]:
    """Spoil one number of member 1's gradient at update AT; returns the weights before every update."""
    before: list[Tensor] = []
    original = Population.backward

    def backward(self: Population, loss: Any, batch: Any, numbers: Any) -> Tensor:
        losses = original(self, loss, batch, numbers)
        if len(before) == AT:
            self.weights.grad[1, 2] = value
        before.append(self.weights.detach().clone())
        return losses

    monkeypatch.setattr(ENGINES[engine], "backward", backward)
    return before


def poison_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    original = MemberLosses.__call__

    def losses(self: MemberLosses, outputs: Tensor, batch: Any) -> Tensor:
        calls.append(1)
        factors = torch.tensor([1, torch.nan if len(calls) - 1 == AT else 1, 1], dtype=torch.float64)
        return original(self, outputs, batch) * factors

    monkeypatch.setattr(MemberLosses, "__call__", losses)


def assert_others_unchanged(found: MemoryRecorder, clean: MemoryRecorder) -> None:
    assert found.metrics_at.keys() == clean.metrics_at.keys()
    for name, at in clean.metrics_at.items():
        assert {step: value[ALIVE].tolist() for step, value in found.metrics_at[name].items()} == {
            step: value[ALIVE].tolist() for step, value in at.items()
        }, name


@pytest.mark.parametrize(("value", "clip"), [(torch.nan, None), (-torch.inf, 0.5)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("engine", "cell"), [("stacked", RNN), ("stacked", GRU), ("looped", LSTM)])
def test_a_spoilt_gradient_freezes_its_member_alone(
    engine: str, cell: Any, optimizer: str, value: float, clip: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, _ = run(engine, cell, OPTIMIZERS[optimizer], gradient_clip=clip)
    before = poison_gradient(monkeypatch, engine, value)
    recorder, result = run(engine, cell, OPTIMIZERS[optimizer], gradient_clip=clip)
    assert recorder.diverged_at == result.diverged_at.tolist() == [-1, AT, -1]
    assert result.population.alive.tolist() == [True, False, True]
    assert len(before) == 21  # the update that failed is looked at once more
    assert before[AT - 1][1].tolist() != before[AT][1].tolist()
    for weights in (*before[AT:], result.population.weights):
        assert weights[1].tolist() == before[AT][1].tolist()
    assert_others_unchanged(recorder, clean)


def test_a_spoilt_loss_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    clean, _ = run()
    poison_loss(monkeypatch)
    recorder, _ = run()
    assert recorder.diverged_at == [-1, AT, -1]
    assert_others_unchanged(recorder, clean)


def test_a_spoilt_target_is_found_when_it_is_first_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    clean, _ = run()
    first = int(np.argwhere((Order(3, 2, 20).indices(range(20)) == 11).any(1))[0, 0])
    original: Callable[..., Any] = plan.PopulationData

    def data(*args: Any, **settings: Any) -> Any:
        built = original(*args, **settings)
        built.train.targets[1, 11] = torch.nan
        return built

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", data)
    recorder, _ = run()
    assert recorder.diverged_at == [-1, first, -1]
    assert_others_unchanged(recorder, clean)


@pytest.mark.parametrize("log_every", [1, 5])
def test_a_diverged_members_scores_are_nan_from_then_on(log_every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    clean, _ = run(log_every=log_every)
    poison_gradient(monkeypatch, "stacked", torch.nan)
    recorder, result = run(log_every=log_every)
    for name, last_finite in {"train/loss": AT, "val/loss": AT, "val/rmse": AT, "probe/slope/inside/rmse": 0}.items():
        for step, value in recorder.metrics_at[name].items():
            expected = clean.metrics_at[name][step][1] if step <= last_finite else np.nan
            np.testing.assert_equal(value[1], expected, f"{name} at {step}")
    assert recorder.last("best/val/loss")[1] == clean.metrics_at["val/loss"][0][1]
    assert result.objective == np.median(clean.last("val/loss")[ALIVE])


def test_weights_that_overflow_are_put_back() -> None:
    start = run(optimizer=partial(torch.optim.SGD, lr=0.0), precision="32-true")[1].population.weights
    recorder, result = run(optimizer=partial(torch.optim.SGD, lr=3e38), precision="32-true", slope=[500, 600])
    assert recorder.diverged_at == [0, 0, 0]
    assert result.population.weights.tolist() == start.tolist()
    assert np.isnan(recorder.last("val/loss")).tolist() == [True] * 3
    assert result.objective == float("inf")


@pytest.mark.parametrize("engine", ["stacked", "looped"])
def test_nothing_is_computed_once_all_members_have_diverged(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is recorded is what would be if all had gone on, so that a member alone equals one beside others."""
    calls: list[int] = []
    original = Population.backward

    def backward(self: Population, loss: Any, batch: Any, numbers: Any) -> Tensor:
        losses = original(self, loss, batch, numbers)
        calls.append(1)
        if len(calls) > AT:
            self.weights.grad[:, 2] = torch.nan
        return losses

    monkeypatch.setattr(ENGINES[engine], "backward", backward)
    schedule = partial(torch.optim.lr_scheduler.StepLR, step_size=3)
    recorder, result = run(engine, scheduler=schedule, log_every=4)
    assert len(calls) == 10 + 3  # the updates until the validation; and the causes of three members
    monkeypatch.setattr("seqprobe.learning.module.is_at_rest", lambda population: False)
    calls.clear()
    expected, complete = run(engine, scheduler=schedule, log_every=4)
    assert len(calls) == 20 + 3
    assert recorder.diverged_at == expected.diverged_at == [AT] * 3
    np.testing.assert_equal(recorder.metrics_at, expected.metrics_at)
    np.testing.assert_equal(member_archive(result, 1), member_archive(complete, 1))


class CountsPasses(torch.nn.Module):
    """A network that keeps a number which every training pass changes."""

    passes: Tensor

    def __init__(self, input_size: int, output_size: int, kind: str, max_length: int) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(input_size, output_size)
        self.register_buffer("passes", torch.zeros(()))

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        if self.training:
            self.passes += 1
        return self.linear(inputs[:, -1])


def test_looking_for_the_cause_changes_nothing_in_other_members(monkeypatch: pytest.MonkeyPatch) -> None:
    task = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=4, train_size=20, val_size=4, batch_size=2)
    settings = TrainerSettings(20, val_every=10, accelerator="cpu", precision="64-true")
    poison_gradient(monkeypatch, "looped", torch.nan)
    experiment = Experiment(task, CountsPasses, OPTIMIZERS["Adam"], [0, 3, 7], settings, engine="looped")
    population = fit(experiment, MemoryRecorder()).population
    assert population.alive.tolist() == [True, False, True]
    assert [population.untrained_values(member)["passes"].item() for member in range(3)] == [20] * 3


def test_a_network_with_running_means_goes_on() -> None:
    population = run()[1].population
    population.alive.fill_(False)
    assert is_at_rest(population)
    population.networks[0].register_buffer("running_mean", torch.zeros(3))
    assert not is_at_rest(population)
