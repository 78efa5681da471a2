"""Members that were trained before are taken over as they are, and whatever is missing is trained beside them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch
from safetensors.numpy import load, save

from seqprobe.learning.archive import Archive, is_complete, member_archive
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

TASK = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6, train_size=20, val_size=4, batch_size=8)


def experiment(seeds: list[int], engine: str = "stacked") -> Experiment:
    settings = TrainerSettings(20, val_every=8, log_every=3, accelerator="cpu", precision="64-true")
    network = partial(RecurrentNetwork, cell=LSTM, hidden_size=8)
    return Experiment(TASK, network, partial(torch.optim.Adam, lr=0.02), seeds, settings, engine=engine)


def archives(result: TrainResult, seeds: list[int]) -> dict[int, Archive]:
    """As they come back from a file."""
    kept = {seed: member_archive(result, index) for index, seed in enumerate(seeds)}
    return {seed: load(save({k: np.asarray(v, order="C") for k, v in arrays.items()})) for seed, arrays in kept.items()}


class Begun(lightning.Callback):
    """Notes which seeds are trained."""

    def __init__(self) -> None:
        self.seeds: list[list[int]] = []

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        self.seeds.append(pl_module.data.seeds)


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed 4 diverges on its way."""

    def data(*args: Any, **settings: Any) -> PopulationData:
        drawn = PopulationData(*args, **settings)
        if 4 in drawn.seeds:
            drawn.train.targets[drawn.seeds.index(4), 11] = torch.nan
        return drawn

    monkeypatch.setattr("seqprobe.learning.plan.PopulationData", data)


@pytest.mark.usefixtures("spoilt")
@pytest.mark.parametrize("engine", ["stacked", "looped"])
@pytest.mark.parametrize(
    ("before", "seeds", "trained"),
    [
        ([0, 1, 2], [0, 1, 2, 3, 4], [[3, 4]]),
        ([5, 4, 3, 2], [7, 3, 9, 4], [[7, 9]]),
        ([0, 1, 4], [4, 1], []),
    ],
    ids=str,
)
def test_a_larger_population_trains_the_rest(
    before: list[int], seeds: list[int], trained: list[list[int]], engine: str
) -> None:
    known = archives(fit(experiment(before, engine), MemoryRecorder()), before)
    told, whole, begun = MemoryRecorder(), MemoryRecorder(), Begun()
    wanted = fit(experiment(seeds, engine), whole)
    found = fit(experiment(seeds, engine), told, callbacks=[begun], previous=PreviousWork(members=known))
    assert begun.seeds == trained
    np.testing.assert_equal(told.metrics_at, whole.metrics_at)
    for name in ("scores", "diverged_at", "causes", "references", "best_weights", "best_scores", "frames", "snapshots"):
        np.testing.assert_equal(getattr(found, name), getattr(wanted, name), name)
    assert found.engine == wanted.engine
    np.testing.assert_equal(found.history, wanted.history)
    assert found.population.weights.tolist() == wanted.population.weights.tolist()
    assert found.population.alive.tolist() == [seed != 4 for seed in seeds]
    assert found.objective == wanted.objective
    batch = found.shown.repeat(len(seeds))
    assert torch.equal(found.population.predict(batch), wanted.population.predict(batch))


def test_the_engine_of_those_before_trains_the_rest() -> None:
    known = archives(fit(experiment([0, 1], "looped"), MemoryRecorder()), [0, 1])
    assert fit(experiment([0, 1, 2], "auto"), MemoryRecorder(), previous=PreviousWork(members=known)).engine == "looped"


def test_an_archive_says_everything() -> None:
    result = fit(experiment([2, 6]), MemoryRecorder())
    one, other = archives(result, [2, 6]).values()
    assert one["values:val/loss"].tolist() == [values[0] for values in result.history["val/loss"].values()]
    assert one["steps:val/loss"].tolist() == [0, 8, 16, 20]
    assert other["weights"].tolist() == result.population.weights[1].tolist()
    assert other["values:frames"].shape == (4, 4, 1)
    assert (int(one["updates"]), int(one["diverged_at"]), one["engine"].tobytes()) == (20, -1, b"stacked")
    assert one["steps:snapshots"].tolist() == [0, 8, 16, 20]
    assert one["values:snapshots"][-1].tolist() == one["weights"].tolist()


def test_an_archive_without_moments_is_taken_over_without_them() -> None:
    known = archives(fit(experiment([0, 1]), MemoryRecorder()), [0, 1])
    older = {
        seed: {name: value for name, value in archive.items() if "snapshots" not in name}
        for seed, archive in known.items()
    }
    for members in (older, {0: known[0], 1: older[1]}):
        found = fit(experiment([0, 1, 2]), MemoryRecorder(), previous=PreviousWork(members=members))
        assert found.snapshots == {}
        assert found.scores["loss"][0] == known[0]["score:loss"]


def test_an_archive_of_an_early_version_is_not_complete() -> None:
    (archive,) = archives(fit(experiment([0]), MemoryRecorder()), [0]).values()
    assert is_complete(archive)
    assert not is_complete({name: value for name, value in archive.items() if name != "values:frames"})
