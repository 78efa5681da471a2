"""Updates and intervals are counted exactly; clipping is per member; the best weights are kept."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from trainings import train

from seqprobe.checks import InvalidValue
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.module import Seq2VecModule
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import build_population
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)


TASK = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=9, val_size=5, batch_size=4)


def run(steps: int, lr: float = 0.1, **settings: Any) -> tuple[MemoryRecorder, TrainResult]:
    trainer = TrainerSettings(steps, accelerator="cpu", precision="64-true", **settings)
    network, optimizer = partial(RecurrentNetwork, cell=RNN, hidden_size=3), partial(torch.optim.SGD, lr=lr)
    recorder = MemoryRecorder()
    return recorder, train(Experiment(TASK, network, optimizer, [0, 3], trainer, engine="stacked"), recorder)


@pytest.mark.parametrize("updates_per_batch", [50, 4, 1])
def test_intervals_count_updates_exactly(updates_per_batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", updates_per_batch)
    recorder, result = run(23, val_every=10, log_every=7)
    each = run(23, val_every=23, log_every=1)[0].history("train/loss")[1]
    assert result.updates == 23
    assert list(recorder.metrics_at["val/loss"]) == list(recorder.metrics_at["val/rmse"]) == [0, 10, 20, 23]
    assert list(recorder.metrics_at["train/loss"]) == [7, 14, 21, 23]
    windows = [each[:, :7], each[:, 7:14], each[:, 14:21], each[:, 21:]]
    expected = np.stack([window.mean(1) for window in windows], 1)
    np.testing.assert_allclose(recorder.history("train/loss")[1], expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    ("steps", "val_every", "validations"), [(1, None, [0, 1]), (20, 10, [0, 10, 20]), (3, 7, [0, 3]), (21, None, 22)]
)
def test_validation_always_runs_at_the_start_and_the_end(steps: int, val_every: Any, validations: Any) -> None:
    at = list(run(steps, val_every=val_every)[0].metrics_at["val/loss"])
    assert at == (list(range(validations)) if isinstance(validations, int) else validations)


def test_a_validation_sees_the_weights_after_its_updates() -> None:
    at = run(23, val_every=10)[0].metrics_at["val/loss"]
    for steps in (10, 20, 23):
        assert at[steps].tolist() == run(steps, val_every=steps)[0].last("val/loss").tolist()
    network = build_population(partial(RecurrentNetwork, 1, 1, "seq2vec", 4, RNN, hidden_size=3), [0, 3], "stacked")
    val = PopulationData(TASK, [0, 3], 1, 1, 1).val
    losses = (network.double()(val.inputs, val.lengths) - val.targets).square().mean((1, 2))
    np.testing.assert_allclose(at[0], losses.detach(), rtol=1e-12, atol=0)


def test_every_update_is_one_optimizer_step(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    original = torch.optim.SGD.step
    monkeypatch.setattr(torch.optim.SGD, "step", lambda self, *args: made.append(1) or original(self, *args))
    run(23, val_every=10, log_every=7)
    assert len(made) == 23


def test_the_best_weights_have_the_least_validation_loss() -> None:
    recorder, result = run(40, lr=1.2, val_every=1)
    history = recorder.history("val/loss")[1]
    assert (history.argmin(1) < 40).tolist() == [True, True]
    assert recorder.last("best/val/loss").tolist() == history.min(1).tolist()
    assert recorder.last("best/val/rmse").tolist() == np.sqrt(history.min(1)).tolist()
    val = PopulationData(TASK, [0, 3], 1, 1, 1).val
    with torch.no_grad():
        result.population.weights.copy_(torch.from_numpy(recorder.best_weights))
    errors = result.population.predict(val) - val.targets
    np.testing.assert_allclose(errors.square().mean((1, 2)), history.min(1), rtol=1e-12, atol=0)


def test_clipping_is_per_member(monkeypatch: pytest.MonkeyPatch) -> None:
    network = partial(RecurrentNetwork, 1, 1, "seq2vec", 4, RNN, hidden_size=3)
    population = build_population(network, [0, 1, 2, 3], "stacked").double()
    directions = torch.randn(population.weights.shape, generator=torch.Generator().manual_seed(0)).double()
    norms = torch.tensor([[0.2], [5.0], [0.5], [0.0]], dtype=torch.float64)
    gradient = directions / directions.norm(dim=1, keepdim=True) * norms

    def backward(loss: Any, batch: Any, numbers: Any) -> torch.Tensor:
        population.weights.grad = gradient.clone()
        return torch.zeros(4, dtype=torch.float64)

    monkeypatch.setattr(population, "backward", backward)
    data = PopulationData(TASK, [0, 1, 2, 3], 1, 1, 1)
    module = Seq2VecModule(population, data, torch.optim.SGD, gradient_clip=0.5)
    population.weights.data.zero_()
    module.update(next(data.minibatches(range(1))), [0, 1, 2, 3], torch.optim.SGD([population.weights], lr=1.0))
    moved = -population.weights.detach()
    assert moved[[0, 3]].tolist() == gradient[[0, 3]].tolist()
    torch.testing.assert_close(moved[[1, 2]], gradient[[1, 2]] / (norms / 0.5)[[1, 2]], rtol=1e-12, atol=0)
    assert (moved.norm(dim=1) <= 0.5 + 1e-12).tolist() == [True] * 4


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"max_steps": -1}, "max_steps"),
        ({"max_steps": 5, "val_every": 0}, "val_every"),
        ({"max_steps": 5, "log_every": 2.5}, "log_every"),
        ({"max_steps": 5, "gradient_clip": 0}, "gradient_clip"),
        ({"max_steps": 5, "accelerator": "tpu"}, "accelerator"),
        ({"max_steps": 5, "precision": "16-mixed"}, "precision"),
        ({"max_steps": 5, "memory_gib": 0}, "memory_gib"),
        ({"max_steps": 5, "memory_gib": -1.5}, "memory_gib"),
        ({"max_steps": 5, "memory_gib": "4"}, "memory_gib"),
        ({"max_steps": 5, "memory_gib": float("nan")}, "memory_gib"),
    ],
)
def test_settings_name_the_key(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        TrainerSettings(**settings)
    assert refused.value.key == key
