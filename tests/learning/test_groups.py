"""A population that is trained in groups of members, one after the other, is recorded as if it had been one."""

import weakref
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from trainings import train

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.memory import bytes_held
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.probes import Probe
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.probes.parameter_probe import ParameterProbe
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine

SEEDS = [3, 0, 7, 12, 5]
GROUPS = {1: [1] * 5, 2: [1, 2, 2], 3: [2, 3]}
"""Sizes of the groups of five members, by how many fit into memory together."""
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


class Padded(Task):
    """Sequences of two lengths, so that some minibatches have padding and others have none."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind, 1, ("a", "b", "c"), kind, "mse", 18, train_size=12, val_size=4, batch_size=4)

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        lengths = 17 + (torch.rand(n, generator=generator) < 0.8).long()
        inputs, targets = torch.randn(2, n, 18, 3, generator=generator, dtype=torch.float64)
        return Batch(inputs[..., :1], targets if self.kind == "seq2seq" else targets[:, 0], lengths)


SLOPES = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6, train_size=20, val_size=4, batch_size=8)
SINES = Reproduce("r", Sine([0.1, 0.4]), "xy", points=20, train_size=8, val_size=4, batch_size=4)
PROBES: dict[str, dict[str, Probe]] = {
    "t": {"slope": ParameterProbe(Line(intercept=0.5), "slope", [0.1, 0.5])},
    "r": {"amplitude": ReproductionProbe(Sine(), "amplitude", [0.1, 0.8])},
}


@pytest.fixture(autouse=True)
def _numbers_instead_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in figures.__all__:
        monkeypatch.setattr(figures, name, lambda *drawn: drawn)
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 5)


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The seeds of every group whose data were drawn."""
    seeds: list[list[int]] = []

    def data(*args: Any, **settings: Any) -> PopulationData:
        seeds.append(list(args[1]))
        return PopulationData(*args, **settings)

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", data)
    return seeds


def experiment(
    at_most: int, engine: str, task: Task = SLOPES, cell: Any = RNN, hidden_size: int = 8, **settings: Any
) -> Experiment:
    """An experiment with memory for groups of ``at_most`` members."""
    network = partial(RecurrentNetwork, cell=cell, hidden_size=hidden_size)
    each = bytes_held(task, network(task.input_size, task.output_size, task.kind, task.max_length), torch.float64)
    trainer = TrainerSettings(
        20, 8, 3, gradient_clip=0.1, accelerator="cpu", precision="64-true", memory_gib=(2 * at_most * each + 2) / 2**30
    )
    return Experiment(
        task, network, partial(torch.optim.Adam, lr=0.02), SEEDS, trainer, PROBES.get(task.name, {}), engine
    )


def trained(*args: Any, **settings: Any) -> tuple[MemoryRecorder, TrainResult]:
    recorder = MemoryRecorder()
    return recorder, train(experiment(*args, **settings), recorder)


def assert_same(one: tuple[MemoryRecorder, TrainResult], other: tuple[MemoryRecorder, TrainResult]) -> None:
    """Nothing that is recorded or returned differs, not in the last bit."""
    (found, result), (expected, wanted) = one, other
    assert [(name, list(at)) for name, at in found.metrics_at.items()] == [
        (name, list(at)) for name, at in expected.metrics_at.items()
    ]
    for name, at in expected.metrics_at.items():
        np.testing.assert_equal(found.metrics_at[name], at, name)
    assert list(found.tables) == list(expected.tables)
    for name, table in expected.tables.items():
        pd.testing.assert_frame_equal(found.tables[name], table, check_exact=True)
    for name in ("shared", "diverged_at", "best_weights", "figures", "animations"):
        np.testing.assert_equal(getattr(found, name), getattr(expected, name), name)
    same = ("engine", "updates", "scores", "diverged_at", "references", "best_scores", "history", "frames", "snapshots")
    for name in same:
        np.testing.assert_equal(getattr(result, name), getattr(wanted, name), name)
    assert result.objective == wanted.objective
    assert result.shown.inputs.tolist() == wanted.shown.inputs.tolist()
    assert result.population.weights.tolist() == wanted.population.weights.tolist()
    assert result.population.alive.tolist() == wanted.population.alive.tolist()


@each_engine
@pytest.mark.parametrize(
    ("task", "cell"),
    [
        (SLOPES, RNN),
        pytest.param(SINES, LSTM, marks=pytest.mark.slow),
        pytest.param(SINES, GRU, marks=pytest.mark.slow),
        (Padded("seq2seq"), LSTM),
        pytest.param(Padded("seq2vec"), GRU, marks=pytest.mark.slow),
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_groups_change_nothing(task: Task, cell: Any, engine: str, built: list[list[int]]) -> None:
    whole = trained(10**6, engine, task, cell)
    assert built == [SEEDS]
    for at_most, sizes in GROUPS.items():
        built.clear()
        recorder, result = trained(at_most, engine, task, cell)
        assert [len(seeds) for seeds in built] == sizes
        assert [seed for seeds in built for seed in seeds] == SEEDS
        assert_same((recorder, result), whole)
        assert list(recorder.metrics_at["val/loss"]) == [0, 8, 16, 20]
        assert list(recorder.metrics_at["train/loss"]) == [3, 6, 9, 12, 15, 18, 20]
        assert len({*recorder.last("val/loss")}) == 5


@each_engine
def test_a_member_of_the_first_group_may_diverge(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(*args: Any, **settings: Any) -> PopulationData:
        data = PopulationData(*args, **settings)
        if 0 in data.seeds:
            data.train.targets[data.seeds.index(0), 11] = torch.nan
        return data

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", spoilt)
    grouped, whole = trained(3, engine), trained(10**6, engine)
    assert_same(grouped, whole)
    recorder, result = grouped
    assert (
        (result.diverged_at >= 0).tolist()
        == (np.isnan(recorder.last("val/loss"))).tolist()
        == [False, True, False, False, False]
    )
    assert np.isnan(recorder.last("probe/slope/inside/rmse")).tolist() == [False, True, False, False, False]
    assert np.isfinite(result.objective)


@each_engine
def test_states_of_odd_sizes_part_in_the_last_bits_alone(engine: str) -> None:
    """See test_parts: only states that fill whole vectors of numbers have bits of their own."""
    grouped, whole = (trained(at_most, engine, SINES, LSTM, hidden_size=3)[0] for at_most in (2, 10**6))
    assert grouped.metrics_at.keys() == whole.metrics_at.keys()
    for name, at in whole.metrics_at.items():
        for step, values in at.items():
            np.testing.assert_allclose(grouped.metrics_at[name][step], values, rtol=1e-10, atol=0)


class Normalised(nn.Module):
    """A user's network that keeps more than it trains."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        self.norm, self.dense = nn.BatchNorm1d(6), nn.Linear(6, 1)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return self.dense(self.norm(inputs[..., 0]))


def test_what_networks_keep_beside_weights_survives_the_joining() -> None:
    found = []
    for memory_gib in (1.0, 1e-9):
        trainer = TrainerSettings(20, accelerator="cpu", precision="64-true", memory_gib=memory_gib)
        whole = Experiment(SLOPES, Normalised, partial(torch.optim.SGD, lr=0.1), [0, 3], trainer, engine="looped")
        result = fit(whole, MemoryRecorder())
        found.append([result.population.state(i, result.population.weights[i])["norm.running_mean"] for i in (0, 1)])
    for one, other in zip(*found, strict=True):
        assert one.abs().min() > 0.05
        assert torch.equal(one, other)


def test_one_group_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[weakref.ref[PopulationData]] = []
    others: list[int] = []

    def data(*args: Any, **settings: Any) -> PopulationData:
        others.append(sum(each() is not None for each in held))
        drawn = PopulationData(*args, **settings)
        held.append(weakref.ref(drawn))
        return drawn

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", data)
    fit(experiment(2, "stacked"), MemoryRecorder())
    assert others == [0, 0, 0]
