"""Trainings and probes on a device without float64, whose tensors do not mix with those of the CPU."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch
from pretend_device import DEVICE, training_on_pretend_device
from trainings import train

from seqprobe.batch import Batch
from seqprobe.learning.archive import member_archive
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.probes.parameter_probe import ParameterProbe
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine
from seqprobe.tasks.remember import Remember

SLOPES = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=17, train_size=20, val_size=4, batch_size=8)
SINES = Reproduce("r", Sine([0.1, 0.4]), "xy", points=17, train_size=8, val_size=4, batch_size=4)


class Padded(Task):
    """Sequences of two lengths."""

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        lengths = 17 + (torch.rand(n, generator=generator) < 0.5).long()
        inputs, targets = torch.randn(2, n, 18, 1, generator=generator, dtype=torch.float64)
        return Batch(inputs, targets, lengths)


PADDED = Padded("p", 1, ("a",), "seq2seq", "mse", 18, train_size=12, val_size=4, batch_size=4)
CLASSES = Remember("c", lag=3, symbols=3, train_size=20, val_size=6, batch_size=4)
PROBES: dict[str, Any] = {
    "t": {"slope": ParameterProbe(Line(intercept=0.5), "slope", [0.1, 0.5])},
    "r": {"amplitude": ReproductionProbe(Sine(), "amplitude", [0.1, 0.8])},
}


def experiment(task: Task, engine: str, cell: Any = LSTM, **settings: Any) -> Experiment:
    trainer = TrainerSettings(6, **{"val_every": 3, "log_every": 2, "accelerator": "cpu", **settings})
    network = partial(RecurrentNetwork, cell=cell, hidden_size=4)
    return Experiment(
        task, network, partial(torch.optim.Adam, lr=0.01), [3, 0], trainer, PROBES.get(task.name, {}), engine
    )


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)


@pytest.mark.parametrize(
    ("task", "engine", "cell"),
    [(SLOPES, "stacked", LSTM), (SINES, "looped", RNN), (CLASSES, "stacked", GRU)],
    ids=["one-target", "sequence", "classes"],
)
def test_a_training_runs_on_a_device_without_float64(task: Task, engine: str, cell: Any) -> None:
    recorder, expected = MemoryRecorder(), MemoryRecorder()
    with training_on_pretend_device():
        result = train(experiment(task, engine, cell, accelerator="auto"), recorder)
    assert result.population.weights.device == DEVICE  # where probes and snapshots ran
    on_cpu = train(experiment(task, result.engine, cell), expected)
    assert recorder.metrics_at.keys() == expected.metrics_at.keys()
    for name, at in expected.metrics_at.items():
        assert list(at) == list(recorder.metrics_at[name])
        for step, values in at.items():
            np.testing.assert_allclose(recorder.metrics_at[name][step], values, rtol=1e-4, atol=1e-6, err_msg=name)
    archive, same = member_archive(result, 1), member_archive(on_cpu, 1)
    assert archive.keys() == same.keys()
    np.testing.assert_allclose(archive["weights"], same["weights"], rtol=1e-4, atol=1e-6)


def test_a_training_resumes_on_a_device_without_float64(tmp_path: Path) -> None:
    wanted = experiment(SLOPES, "stacked", RNN, checkpoint_seconds=0.0)

    def work() -> PreviousWork:
        return PreviousWork.load(Checkpoints(tmp_path), wanted.seeds)

    with training_on_pretend_device():
        whole = fit(wanted, MemoryRecorder())
        with pytest.raises(Stopped):
            fit(wanted, MemoryRecorder(), callbacks=[Stop()], previous=work())
        resumed = fit(wanted, MemoryRecorder(), previous=work())
        restored = fit(wanted, MemoryRecorder(), previous=PreviousWork(members={3: member_archive(whole, 0)}))
    for result in (resumed, restored):
        assert result.population.weights.device == DEVICE
        assert result.population.weights.cpu().tolist() == whole.population.weights.cpu().tolist()
        np.testing.assert_equal(result.history, whole.history)


class Stopped(Exception):
    """The process ended here."""


class Stop(lightning.Callback):
    """End a training at its second batch."""

    def on_train_batch_start(self, trainer: Any, pl_module: Any, *batch: Any) -> None:
        if pl_module.updates_done:
            raise Stopped


def test_padded_sequences_train_on_a_device_without_float64() -> None:
    with training_on_pretend_device():
        result = fit(experiment(PADDED, "stacked", RNN), MemoryRecorder())
    expected = fit(experiment(PADDED, "stacked", RNN), MemoryRecorder())
    np.testing.assert_allclose(result.scores["loss"], expected.scores["loss"], rtol=1e-4)


@pytest.mark.parametrize(
    ("hidden", "device", "is_written_out"), [(16, "cpu", True), (17, "cpu", False), (17, DEVICE, True)]
)
def test_backpropagation_is_written_out_for_larger_states_on_a_gpu(
    hidden: int, device: Any, is_written_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = list[str]()
    for way in ("fast", "loop"):
        monkeypatch.setattr(GRU, way, lambda cell, inputs, way=way: ways.append(way) or inputs)
    with training_on_pretend_device():
        GRU(1, hidden).to(device)(torch.zeros(4, 16, 1, device=device))
    assert ways[-1] == ("fast" if is_written_out else "loop")
