"""What a GPU computes is what a CPU computes; `make test-gpu` prints the figures of docs/benchmarks.md, too."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch
from torch import Tensor, nn
from trainings import train

from seqprobe.evaluation.population_members import PopulationMembers
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.devices import full_float32, synchronize
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import build_population
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine

GPU = "cuda"
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU that CUDA finds"),
]
SINES = Reproduce("r", Sine([0.1, 0.4]), "xy", points=50, train_size=64, val_size=16, batch_size=16)
SLOPES = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=12, train_size=40, val_size=8, batch_size=8)
each_cell = pytest.mark.parametrize("cell", [RNN, GRU, LSTM])
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped", "compiled"])


class FusedDropout(nn.Module):
    """torch's two-layer LSTM with dropout between the layers."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        self.layers, self.dense = nn.LSTM(1, 8, 2, batch_first=True, dropout=0.5), nn.Linear(8, 1)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return self.dense(self.layers(inputs)[0][:, -1])


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)


def experiment(task: Any, network: Any, seeds: Sequence[int], engine: str, **settings: Any) -> Experiment:
    if issubclass(network, RNN | GRU | LSTM):
        network = partial(RecurrentNetwork, cell=network, hidden_size=8)
    chosen = {"max_steps": 40, "val_every": 20, "precision": "64-true", "accelerator": GPU, **settings}
    probes = {"amplitude": ReproductionProbe(Sine(), "amplitude", [0.1, 0.8])} if task is SINES else {}
    optimizer = partial(torch.optim.Adam, lr=0.01)
    return Experiment(task, network, optimizer, list(seeds), TrainerSettings(**chosen), probes, engine)


def histories(*arguments: Any, **settings: Any) -> dict[str, np.ndarray]:
    """Every metric of a training and of its probes, ``(updates, seeds)`` by name."""
    recorder = MemoryRecorder()
    train(experiment(*arguments, **settings), recorder)
    return {name: np.stack(list(at.values())) for name, at in recorder.metrics_at.items()}


def assert_close(one: dict[str, np.ndarray], other: dict[str, np.ndarray], tolerance: float) -> None:
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_allclose(values, other[name], rtol=tolerance, atol=1e-12, err_msg=name)


@each_engine
@each_cell
def test_a_gpu_computes_what_a_cpu_computes(cell: Any, engine: str) -> None:
    """Trainings, snapshots and probes, in both engines."""
    on_gpu = histories(SINES, cell, [0, 3, 7], engine)
    assert any(name.startswith("probe/amplitude/") for name in on_gpu)
    assert_close(on_gpu, histories(SINES, cell, [0, 3, 7], engine, accelerator="cpu"), 1e-6)


@each_cell
def test_engines_agree(cell: Any) -> None:
    assert_close(histories(SINES, cell, [0, 3], "stacked"), histories(SINES, cell, [0, 3], "looped"), 1e-6)


@each_engine
def test_a_member_is_its_solo_run(engine: str) -> None:
    together = histories(SINES, LSTM, [0, 3, 7], engine)
    alone = histories(SINES, LSTM, [3], engine)
    assert_close({name: values[:, 1:2] for name, values in together.items()}, alone, 1e-9)


@pytest.mark.parametrize("precision", ["64-true", "32-true"])
def test_a_member_with_dropout_is_its_solo_run(precision: str) -> None:
    together = histories(SLOPES, FusedDropout, [0, 3, 7], "looped", precision=precision)
    alone = histories(SLOPES, FusedDropout, [3], "looped", precision=precision)
    assert_close({name: values[:, 1:2] for name, values in together.items()}, alone, 1e-12)


@each_cell
def test_products_are_not_rounded_to_tf32(cell: Any) -> None:
    """TF32 has ten bits: its outputs would be off by about 1e-3."""
    sizes = SINES.input_size, SINES.output_size
    factory = partial(RecurrentNetwork, *sizes, "seq2seq", 50, cell, hidden_size=64)
    batch = SINES.sample(32, torch.Generator().manual_seed(0)).repeat(2)
    with full_float32():
        exact = build_population(factory, [0, 1], "looped").double().predict(batch.to("cpu", torch.float64))
        for engine in ("stacked", "looped"):
            population = build_population(factory, [0, 1], engine).to(GPU)
            outputs = population.predict(batch.to(GPU, torch.float32)).cpu().double()
            assert (outputs - exact).abs().max() < 2e-5


class Stopped(Exception):
    """The process ended here."""


class Stop(lightning.Callback):
    """End a training at its second batch."""

    def on_train_batch_start(self, trainer: Any, pl_module: Any, *batch: Any) -> None:
        if pl_module.updates_done:
            raise Stopped


@each_engine
def test_a_training_resumes(engine: str, tmp_path: Path) -> None:
    wanted = experiment(SLOPES, LSTM, [0, 3], engine, checkpoint_seconds=0.0, val_every=10)
    whole = fit(wanted, MemoryRecorder())
    with pytest.raises(Stopped):
        fit(wanted, MemoryRecorder(), callbacks=[Stop()], previous=PreviousWork.load(Checkpoints(tmp_path), [0, 3]))
    resumed = fit(wanted, MemoryRecorder(), previous=PreviousWork.load(Checkpoints(tmp_path), [0, 3]))
    weights = [result.population.weights.detach().cpu() for result in (whole, resumed)]
    print(f"\nresumed in engine {engine}: {'equal to the bit' if torch.equal(*weights) else 'equal up to rounding'}")
    torch.testing.assert_close(*weights, rtol=1e-9, atol=1e-12)


def test_probes_run_on_the_gpu() -> None:
    wanted = experiment(SINES, LSTM, [0, 3], "stacked")
    result = fit(wanted, MemoryRecorder())
    assert result.population.weights.device.type == GPU
    members = PopulationMembers(wanted, result.population, result.engine)
    assert members.untrained_members().population.weights.device.type == GPU
    assert np.isfinite(members.predict(SINES.sample(5, torch.Generator().manual_seed(0)))).all()


def test_a_training_on_the_cpu_leaves_the_gpu_alone(tmp_path: Path) -> None:
    script = (
        "import sys, torch; from seqprobe.commands.train import train; "
        "train(sys.argv[1:]); assert not torch.cuda.is_initialized()"
    )
    overrides = ["task=slope_intercept", "seeds=2", "trainer.max_steps=20", "trainer.accelerator=cpu"]
    command = [sys.executable, "-c", script, *overrides, f"tracking.dir={tmp_path}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("seeds", [16, 256, 4096])
def test_many_seeds_train_together(seeds: int) -> None:
    wanted = experiment(SINES, LSTM, range(seeds), "stacked", max_steps=100, precision="32-true")
    start = time.perf_counter()
    result = fit(wanted, MemoryRecorder())
    seconds = time.perf_counter() - start
    assert np.isfinite(result.scores["loss"]).all()
    assert np.median(result.scores["loss"]) < np.median(result.history["val/loss"][0])
    print(f"\n{seeds} seeds, 100 updates: {seconds:.1f} s, {1e3 * seconds / 100 / seeds:.4f} ms per seed and update")


@pytest.mark.parametrize("batch", [8, 64, 512])
@each_cell
def test_written_out_backpropagation_pays(cell: Any, batch: int) -> None:
    """Prints how many times faster it is: where that is below 1, `GPU_LIMITS` is too large."""
    layer = cell(8, 32).to(GPU)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -0.2, 0.2)
    inputs = torch.randn(batch, 100, 8, device=GPU, requires_grad=True)
    plain, fast = seconds(layer.loop, layer, inputs), seconds(layer.fast, layer, inputs)
    print(f"\n{cell.__name__}, state of {batch * 32}: written out, {plain / fast:.2f} times as fast")
    for one, other in zip(gradients(layer.loop, layer, inputs), gradients(layer.fast, layer, inputs), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def gradients(forward: Callable[[Tensor], Tensor], layer: nn.Module, inputs: Tensor) -> Sequence[Tensor]:
    return torch.autograd.grad(forward(inputs).square().mean(), [inputs, *layer.parameters()])


def seconds(forward: Callable[[Tensor], Tensor], layer: nn.Module, inputs: Tensor) -> float:
    """The least seconds of three forward and backward passes after one to warm up."""
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        gradients(forward, layer, inputs)
        synchronize(inputs.device)
        taken.append(time.perf_counter() - start)
    return min(taken[1:])
