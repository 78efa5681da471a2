"""Fresh data for every update is a pure function of (seed, update), so that resumes and solo runs are equal."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch

from seqprobe.batch import Batch
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.fresh_data import BLOCK
from seqprobe.learning.memory import bytes_of_data, bytes_per_sequence
from seqprobe.learning.minibatch_text import training_example
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line
from seqprobe.tasks.task import STAND_IN

TASK = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=None, val_size=6, batch_size=3)
CPU = torch.device("cpu")


def minibatches(seeds: list[int], steps: range) -> list[Batch]:
    data = PopulationData(TASK, seeds, max_steps=100, val_every=10, updates_per_batch=4)
    return list(data.minibatches(steps))


def numbers(batch: Batch) -> list[Any]:
    return [part.tolist() for part in batch.tensors]


def test_an_update_sees_the_same_sequences_wherever_the_training_begins() -> None:
    last = BLOCK + 3
    whole = [numbers(batch) for batch in minibatches([3, 0], range(last))]
    assert [numbers(batch) for batch in minibatches([3, 0], range(BLOCK - 2, last))] == whole[BLOCK - 2 :]
    assert [numbers(batch.members(slice(1, 2))) for batch in minibatches([3, 0], range(last))] == [
        numbers(batch) for batch in minibatches([0], range(last))
    ]


def test_no_two_updates_see_the_same_sequence() -> None:
    seen = [
        tuple(row)
        for batch in minibatches([3, 0], range(2 * BLOCK))
        for row in batch.inputs.flatten(0, 1)[..., 0].tolist()
    ]
    assert len(seen) == 2 * BLOCK * 2 * TASK.batch_size
    assert len(set(seen)) == len(seen)


def test_the_constant_predictor_comes_from_a_fixed_number_of_draws() -> None:
    data = PopulationData(TASK, [3], max_steps=100, val_every=10, updates_per_batch=4)
    assert data.train.lengths.shape == (1, STAND_IN)
    targets, mean = data.val.targets, data.train.targets.mean()
    levels = data.reference_levels()["constant"]
    assert levels.loss.tolist() == pytest.approx([float((targets - mean).square().mean())])


def test_memory_and_the_printed_minibatch_know_fresh_data() -> None:
    sequences = STAND_IN + TASK.val_size + BLOCK * TASK.batch_size
    expected = sequences * bytes_per_sequence(TASK, torch.float32) + 4 * STAND_IN
    assert bytes_of_data(TASK, torch.float32) == expected
    (batch,) = minibatches([3], range(1))
    assert f"{batch.targets[0, 0, 0].item():7.4f}" in training_example(TASK, 3)


def experiment(seeds: list[int], engine: str) -> Experiment:
    network, settings = partial(RecurrentNetwork, cell=GRU, hidden_size=3), TrainerSettings(40, val_every=20)
    return Experiment(TASK, network, partial(torch.optim.SGD, lr=0.1), seeds, settings, engine=engine)


class Stop(lightning.Callback):
    """End a training at its second Lightning batch."""

    def on_train_batch_start(self, *args: Any) -> None:
        if args[-1] == 1:
            raise InterruptedError


@pytest.mark.parametrize("engine", ["stacked", "looped"])
def test_resumes_and_solo_runs_are_equal_to_the_last_bit(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 7)
    whole = fit(experiment([3, 0], engine), MemoryRecorder())
    alone = fit(experiment([0], engine), MemoryRecorder())
    assert_equal_members(whole, alone, 1)

    def resume(*callbacks: lightning.Callback) -> TrainResult:
        previous = PreviousWork.load(Checkpoints(tmp_path), [3, 0])
        return fit(experiment([3, 0], engine), MemoryRecorder(), callbacks=callbacks, previous=previous)

    with pytest.raises(InterruptedError):
        resume(Stop())
    assert len(list(tmp_path.glob("group-*.checkpoint"))) >= 1
    resumed = resume()
    assert resumed.population.weights.tolist() == whole.population.weights.tolist()
    np.testing.assert_equal(resumed.history, whole.history)


def assert_equal_members(population: TrainResult, alone: TrainResult, member: int) -> None:
    assert population.population.weights[member].tolist() == alone.population.weights[0].tolist()
    for name, values in alone.scores.items():
        assert population.scores[name][member] == values[0]
