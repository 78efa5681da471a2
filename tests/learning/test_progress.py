"""While a population trains in groups of members, its recorder, its progress and its callbacks see one training."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch

from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import ENGINES
from seqprobe.models.population import Population
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

SEEDS = [3, 0, 7, 12, 5]
TASK = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=9, val_size=5, batch_size=4)
each_cut = pytest.mark.parametrize("sizes", [[5], [2, 3], [1, 2, 2], [1] * 5], ids=str)


def experiment(engine: str = "stacked") -> Experiment:
    network, optimizer = partial(RecurrentNetwork, cell=RNN, hidden_size=3), partial(torch.optim.SGD, lr=0.1)
    trainer = TrainerSettings(20, val_every=8, log_every=3, accelerator="cpu", precision="64-true")
    return Experiment(TASK, network, optimizer, SEEDS, trainer, engine=engine)


@pytest.fixture(autouse=True)
def _cut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train in groups of the sizes that the test has."""
    stops = np.cumsum(request.getfixturevalue("sizes"))
    monkeypatch.setattr(
        "seqprobe.learning.plan.member_groups",
        lambda seeds, *memory: [seeds[start:stop] for start, stop in zip([0, *stops], stops, strict=False)],
    )
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 5)


@each_cut
def test_metrics_are_told_once_for_all_members(sizes: list[int]) -> None:
    told: list[tuple[int, str]] = []

    class Listening(MemoryRecorder):
        def record_metrics(self, step: int, values: Mapping[str, np.ndarray]) -> None:
            told.extend((step, name) for name in values)
            assert {len(value) for value in values.values()} == {5}

    fit(experiment(), Listening())
    assert sorted(told) == sorted(
        [(step, f"val/{name}") for step in (0, 8, 16, 20) for name in ("loss", "rmse")]
        + [(step, "train/loss") for step in (3, 6, 9, 12, 15, 18, 20)]
    )


@each_cut
def test_progress_rises_through_all_groups(sizes: list[int]) -> None:
    seen: list[tuple[int, int]] = []
    fit(experiment(), MemoryRecorder(), progress=lambda done, total, words: seen.append((done, total)))
    groups, made = len(sizes), [5, 8, 13, 16, 20]
    assert seen == [((20 * group + updates) // groups, 20) for group in range(groups) for updates in made]
    assert sorted(seen) == seen
    assert seen[0] > (0, 20)
    assert seen[-1] == (20, 20)


@each_cut
def test_callbacks_see_every_group(sizes: list[int]) -> None:
    seen: list[int] = []

    class Sizes(lightning.Callback):
        def on_fit_start(self, trainer: lightning.Trainer, pl_module: Any) -> None:
            seen.append(len(pl_module.population))

    fit(experiment(), MemoryRecorder(), callbacks=[Sizes()])
    assert seen == sizes


@each_cut
@pytest.mark.parametrize("faster", ["stacked", "looped"])
def test_all_groups_have_the_engine_that_is_faster_for_the_first(
    faster: str, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []
    used: list[type] = []

    def seconds(population: Population, data: PopulationData) -> float:
        """The faster engine is the slower one in every other group."""
        asked.append(data.seeds)
        return float(isinstance(population, ENGINES[faster]) == (data.seeds != SEEDS[: sizes[0]]))

    class Types(lightning.Callback):
        def on_fit_start(self, trainer: lightning.Trainer, pl_module: Any) -> None:
            used.append(type(pl_module.population))

    monkeypatch.setattr("seqprobe.learning.engine_choice.training_seconds", seconds)
    recorder = MemoryRecorder()
    result = fit(experiment("auto"), recorder, callbacks=[Types()])
    assert asked.count(SEEDS[: sizes[0]]) == len(asked) >= 2
    assert used == [ENGINES[faster]] * len(sizes)
    assert recorder.shared["engine"] == result.engine == faster
    assert type(result.population) is ENGINES[faster]
