"""The engine compiled: members are their solo runs to the bit, engines agree, and what it cannot do is refused."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
import pytorch_lightning as lightning
import torch
from compiled_checks import check_lengths
from torch import Tensor

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.learning import engine_choice, plan
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.module import PopulationModule
from seqprobe.learning.network_check import check_network
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import Cell, Population, RecurrentNetwork
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.compiled import obstacle
from seqprobe.models.engines import CompiledPopulation, codes_to_compile
from seqprobe.tasks.remember import Remember

CPU = torch.device("cpu")


class Sorting(Cell):
    """A step that mixes units in a way that is not compiled."""

    gates: ClassVar = ("candidate",)

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": blocks[0].sort(1).values}


class Counting(Cell):
    """A step that changes from call to call, which tracing cannot see."""

    gates: ClassVar = ("candidate",)

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        self.calls = getattr(self, "calls", 0) + 1
        return {"hidden": (blocks[0] * (self.calls % 5)).tanh()}


class Scaled(Cell):
    """A user's cell that can be compiled."""

    gates: ClassVar = ("candidate",)

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        return {"hidden": torch.lerp(states[0], blocks[0].tanh(), 0.1)}


class Looping(LSTM):
    """A cell with a loop of its own."""

    def forward(self, inputs: Tensor) -> Tensor:
        return self.loop(inputs)


def experiment(seeds: Sequence[int], engine: str = "compiled", cell: Any = LSTM, **settings: Any) -> Experiment:
    task = Remember("t", lag=2, train_size=8, val_size=5, batch_size=3)
    trainer = TrainerSettings(12, val_every=6, **{"log_every": 1, "accelerator": "cpu", **settings})
    network = partial(RecurrentNetwork, cell=cell, hidden_size=3)
    return Experiment(task, network, partial(torch.optim.Adam, lr=0.01), seeds, trainer, engine=engine)


def trained(seeds: Sequence[int], *callbacks: lightning.Callback, **parts: Any) -> TrainResult:
    return fit(experiment(seeds, **parts), MemoryRecorder(), callbacks=callbacks)


@pytest.fixture(scope="module")
def of_seventeen() -> TrainResult:
    return trained(range(17))


@pytest.mark.parametrize("seeds", [[0], [16], [3, 16], [4, 2, 9, 11, 0]])
def test_a_member_is_its_solo_run_to_the_bit(seeds: list[int], of_seventeen: TrainResult) -> None:
    result = trained(seeds)
    assert torch.equal(result.population.weights, of_seventeen.population.weights[seeds])
    for name, scores in of_seventeen.scores.items():
        assert result.scores[name].tolist() == scores[seeds].tolist()
    for name, at in of_seventeen.history.items():
        assert [values.tolist() for values in result.history[name].values()] == [v[seeds].tolist() for v in at.values()]


def test_the_engines_agree(of_seventeen: TrainResult) -> None:
    members = list(range(17))
    for engine in ("stacked", "looped"):
        other = trained(members, engine=engine)
        torch.testing.assert_close(other.population.weights, of_seventeen.population.weights, rtol=1e-4, atol=1e-6)
        state = other.population.state(3, other.population.weights[3])
        assert state.keys() == of_seventeen.population.state(3, of_seventeen.population.weights[3]).keys()


def test_parts_change_nothing(of_seventeen: TrainResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "bytes_at_work", lambda *of: 2**30)
    in_parts = trained(range(17), memory_gib=6)
    assert len(in_parts.population.parts) > 1
    assert torch.equal(in_parts.population.weights, of_seventeen.population.weights)


class Spoil(lightning.Callback):
    """Make one member's weights infinite after some updates."""

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        assert isinstance(pl_module, PopulationModule)
        pl_module.population.weights.detach()[1, 0] = torch.inf


def test_a_diverged_member_is_frozen_beside_the_others(of_seventeen: TrainResult) -> None:
    result = trained([5, 6, 7], Spoil())
    assert (result.diverged_at >= 0).tolist() == [False, True, False]
    assert torch.equal(result.population.weights[[0, 2]], of_seventeen.population.weights[[5, 7]])


class Stop(lightning.Callback):
    def on_train_epoch_end(self, *args: Any) -> None:
        raise InterruptedError


def test_a_resumed_training_is_the_same(of_seventeen: TrainResult, tmp_path: Path) -> None:
    def go_on(*callbacks: lightning.Callback) -> TrainResult:
        # auto takes what the interrupted training took, whatever it would choose by itself
        previous = PreviousWork.load(Checkpoints(tmp_path, 0), [3, 4])
        chosen = "compiled" if previous.plan is None else "auto"
        return fit(experiment([3, 4], chosen), MemoryRecorder(), callbacks=callbacks, previous=previous)

    with pytest.raises(InterruptedError):
        go_on(Stop())
    result = go_on()
    assert result.engine == "compiled"
    assert torch.equal(result.population.weights, of_seventeen.population.weights[3:5])


def seconds_of(**by_engine: float) -> Any:
    def seconds(population: Population, data: PopulationData) -> float:
        return by_engine[type(population).__name__.removesuffix("Population").lower()]

    return seconds


def chosen(
    monkeypatch: pytest.MonkeyPatch, parts: dict[str, Any], device: torch.device = CPU, **by_engine: float
) -> str:
    monkeypatch.setattr(engine_choice, "training_seconds", seconds_of(**by_engine))
    made = experiment([0, 1], "auto", **parts)
    data = plan.group_data(made, [0, 1])
    return engine_choice.choose_engine("auto", made.build_network, [0, 1], data, device)


def test_auto_tries_it_only_where_compiling_may_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(gain: float) -> float:
        """Of a pass, for so many seconds to gain in the whole training."""
        return gain / engine_choice.GAIN / 12

    loading, compiling = seconds(engine_choice.LOADING), seconds(engine_choice.LOADING + engine_choice.COMPILING)
    short, long = 0.9 * compiling, 1.1 * compiling
    monkeypatch.setattr(engine_choice, "codes_to_compile", lambda *of: 1)
    assert chosen(monkeypatch, {}, stacked=short, looped=long) == "stacked"
    assert chosen(monkeypatch, {}, stacked=long, looped=2 * long, compiled=short) == "compiled"
    assert chosen(monkeypatch, {}, stacked=long, looped=2 * long, compiled=1.5 * long) == "stacked"
    monkeypatch.setattr(engine_choice, "codes_to_compile", lambda *of: 0)
    assert chosen(monkeypatch, {}, stacked=short, looped=long, compiled=0.1) == "compiled"
    assert chosen(monkeypatch, {}, stacked=0.9 * loading, looped=long) == "stacked"


def test_code_that_is_known_costs_nothing(of_seventeen: TrainResult) -> None:
    seeds = list(range(17))
    population = experiment(seeds).build_population(seeds, "compiled")
    assert codes_to_compile(population, 3, torch.float32) == 0
    assert codes_to_compile(population, 1, torch.float32) == 1
    assert codes_to_compile(population, 3, torch.float64) == 1


def test_auto_does_not_try_it_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its kernels have not run on one yet."""
    monkeypatch.setattr(torch.nn.Module, "to", lambda module, *where: module)
    assert chosen(monkeypatch, {}, torch.device("cuda"), stacked=9, looped=5) == "looped"


@pytest.mark.parametrize("cell", [Sorting, Looping])
def test_auto_leaves_out_what_cannot_be_compiled(cell: type[Cell], monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(monkeypatch, {"cell": cell}, stacked=9, looped=5) == "looped"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Sorting, "the step of Sorting uses sort, which is not known; use auto"),
        (Looping, "Looping has its own forward, which is not compiled; use auto"),
    ],
)
def test_cells_that_cannot_be_compiled_are_refused_in_one_line(cell: type[Cell], words: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        experiment([0], cell=cell).check()
    assert str(refused.value) == f"engine=compiled: {words}"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["model=mlp", "task=slope_intercept"], "this network has no recurrent cell that could be compiled; use auto"),
        (["model=lstm", "task=sine", "model.dropout=0.1"], "draws at random in training"),
    ],
)
def test_networks_that_cannot_be_compiled_are_refused_in_one_line(overrides: list[str], words: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        build_experiment(plain_config(*overrides, "engine=compiled")).check()
    assert str(refused.value).startswith("engine=compiled: ")
    assert words in str(refused.value)


def test_a_users_cell_is_compared_with_autograd_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    check_network(experiment([0], cell=Scaled))
    words = r"^model Counting: gives other gradients when it is compiled: .*; use engine=auto"
    with pytest.raises(InvalidValue, match=words):
        check_network(experiment([0], cell=Counting))
    assert chosen(monkeypatch, {"cell": Counting}, stacked=9, looped=5, compiled=0) == "looped"
    assert chosen(monkeypatch, {"cell": Scaled}, stacked=9, looped=5, compiled=0) == "compiled"


def gpu_obstacle(device: str, **parts: Any) -> str:
    made = experiment([0], **parts)
    return engine_choice.engine_obstacle("compiled", made.build_network(), made.task, made.dtype, device)


def test_what_a_gpu_does_not_compute_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gpu_obstacle("mps") == "computes on the CPU and on CUDA's GPUs alone; use auto"
    assert gpu_obstacle("cuda", cell=Sorting) == "the step of Sorting uses sort, which is not known; use auto"
    with monkeypatch.context() as patch:
        patch.setattr(obstacle, "MOST_UNITS", 2)
        assert gpu_obstacle("cuda") == "computes layers of at most 2 units and inputs on a GPU; use auto"
    monkeypatch.setitem(sys.modules, "triton", None)
    assert gpu_obstacle("cuda").startswith("needs the package triton, which cannot be imported (")
    monkeypatch.setitem(sys.modules, "triton", ModuleType("triton"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    assert gpu_obstacle("cuda") == "needs a C compiler, gcc or clang, on a GPU; use auto"
    monkeypatch.setenv("CC", "cc")
    assert gpu_obstacle("cuda") == ""


def test_without_llvm_auto_leaves_it_out_and_the_engine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    assert chosen(monkeypatch, {}, stacked=5, looped=9) == "stacked"
    with pytest.raises(InvalidValue, match=r"^engine=compiled: needs the package llvmlite"):
        experiment([0]).check()
    with pytest.raises(InvalidValue, match=r"^engine=compiled: needs the package llvmlite"):
        CompiledPopulation([experiment([0]).build_network()])


def test_sequences_of_all_lengths_are_read_at_their_true_last_step() -> None:
    check_lengths()
