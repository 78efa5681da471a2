"""How many members fit into memory is known before any data are drawn."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqprobe.checks import InvalidValue
from seqprobe.learning import memory
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.plan import make_plan
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.member import build_member
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine

CPU = torch.device("cpu")
GIB = 2**30
each_dtype = pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["double", "single"])


def slopes(points: int = 6, batch_size: int = 10, train_size: int = 300) -> Task:
    return NameParameters(
        "t", Line([0, 0.9], [0, 1]), ["slope"], points=points, train_size=train_size, val_size=40, batch_size=batch_size
    )


def sines() -> Task:
    return Reproduce("r", Sine([0.1, 0.4]), "xy", points=9, train_size=30, val_size=20, batch_size=4)


def network(cell: Any, hidden_size: int) -> torch.nn.Module:
    return build_member(partial(RecurrentNetwork, 1, 1, "seq2vec", 6, cell, hidden_size=hidden_size), 0)


@settings(deadline=None)
@given(st.lists(st.integers(0), min_size=1, max_size=300), st.integers(1, 100), st.integers(0, 5000))
def test_groups_are_the_fewest_that_fit_and_about_equal(seeds: list[int], each: int, available: int) -> None:
    cut = memory.member_groups(seeds, each, available)
    sizes = [len(group) for group in cut]
    assert [seed for group in cut for seed in group] == seeds
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) * each <= max(available, each)
    if len(cut) > 1:
        assert -(-len(seeds) // (len(cut) - 1)) * each > available


@pytest.mark.parametrize(
    ("available", "sizes"), [(10**6, [7]), (700, [7]), (699, [3, 4]), (300, [2, 2, 3]), (199, [1] * 7), (0, [1] * 7)]
)
def test_groups_of_members_that_need_100_bytes(available: int, sizes: list[int]) -> None:
    assert [len(group) for group in memory.member_groups(range(7), 100, available)] == sizes


def test_the_budget_is_what_was_given_or_a_third_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda device: 3 * GIB)
    assert memory.memory_budget(None, CPU) == GIB
    assert memory.memory_budget(7.5, CPU) == 7.5 * GIB
    assert memory.memory_budget(1e-6, CPU) == 1073


@pytest.mark.parametrize(
    ("limit", "used", "free"),
    [
        ("9000\n", "2000\n", 7000),
        ("999999\n", "2000\n", 50_000),
        ("9000\n", "9500\n", 0),
        ("max\n", "2000\n", 50_000),
        ("9000\n", None, 50_000),
        (None, None, 50_000),
    ],
)
def test_a_containers_limit_counts(
    limit: str | None, used: str | None, free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=50_000))
    for name, text in (("memory.max", limit), ("memory.current", used)):
        if text is not None:
            (tmp_path / name).write_text(text)
    assert memory.free_bytes(CPU) == free


def test_a_gpu_is_asked_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda device: (1234 + device.index, 5678))
    assert memory.free_bytes(torch.device("cuda", 1)) == 1235


def test_a_macs_gpu_has_no_more_than_its_limit_and_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CGROUP", Path("/nowhere"))
    monkeypatch.setattr("torch.mps.recommended_max_memory", lambda: 9000)
    monkeypatch.setattr("torch.mps.driver_allocated_memory", lambda: 1500)
    for available, free in ((50_000, 7500), (6000, 6000)):
        monkeypatch.setattr("psutil.virtual_memory", lambda there=available: SimpleNamespace(available=there))
        assert memory.free_bytes(torch.device("mps")) == free


@each_dtype
def test_data_are_drawn_in_the_memory_that_is_free(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    task = slopes()
    drawn = 3 * task.train_size * memory.bytes_per_sequence(task, torch.float64)
    one = memory.bytes_of_data(task, dtype)
    monkeypatch.setattr(memory, "free_bytes", lambda device: drawn + 2 * one if device == CPU else 10**12)
    assert memory.drawing_room(task, dtype) == 2 * one
    monkeypatch.setattr(memory, "free_bytes", lambda device: drawn + one - 1)
    with pytest.raises(InvalidValue) as refused:
        memory.drawing_room(task, dtype)
    needed, free = (drawn + one) / GIB, (drawn + one - 1) / GIB
    assert str(refused.value) == (
        f"task.train_size=300: drawing the data of one seed takes {needed:.3g} GiB of memory, {free:.3g} GiB are free"
    )


@pytest.mark.parametrize(("members", "seeds"), [(1, "1 seed"), (2, "2 seeds")])
def test_an_update_that_does_not_fit_is_refused_on_the_cpu(
    members: int, seeds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, network = slopes(), RecurrentNetwork(1, 1, "seq2vec", 6, cell=RNN, hidden_size=2)
    needed = members * memory.bytes_at_work(task, network, torch.float32)
    monkeypatch.setattr(memory, "free_bytes", lambda device: needed)
    memory.check_update(task, network, torch.float32, CPU, members)
    monkeypatch.setattr(memory, "free_bytes", lambda device: needed - 1)
    memory.check_update(task, network, torch.float32, torch.device("cuda"), members)
    with pytest.raises(
        InvalidValue, match=rf"^task.batch_size=10: an update of {seeds} takes about \S+ GiB of memory, "
    ):
        memory.check_update(task, network, torch.float32, CPU, members)


def test_a_gpu_with_more_memory_than_the_computer_trains_smaller_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    task, network = slopes(), partial(RecurrentNetwork, cell=RNN, hidden_size=2)
    trainer = TrainerSettings(1, accelerator="cpu", precision="32-true")
    experiment = Experiment(task, network, torch.optim.SGD, range(6), trainer, engine="looped")
    held = memory.bytes_held(task, experiment.build_network(), torch.float32)
    drawn = 3 * task.train_size * memory.bytes_per_sequence(task, torch.float64)
    monkeypatch.setattr(memory, "free_bytes", lambda device: drawn + 2 * held if device == CPU else 10**12)
    plan, data = make_plan(experiment, {}, torch.device("cuda", 0))
    assert plan.groups == [[0, 1], [2, 3], [4, 5]]
    assert data is not None
    assert data.seeds == [0, 1]


@each_dtype
@pytest.mark.parametrize("task", [slopes(), sines()], ids=["slopes", "sines"])
def test_a_member_holds_its_data_and_copies_of_its_weights(task: Task, dtype: torch.dtype) -> None:
    data = PopulationData(task, [0, 3, 7, 8, 9], 10, 10, 10, dtype)
    tensors = [*data.train.tensors, *data.val.tensors]
    true = sum(tensor.untyped_storage().nbytes() for tensor in tensors) / 5 + 4 * task.train_size
    without_weights = memory.bytes_held(task, torch.nn.Identity(), dtype)
    assert without_weights == pytest.approx(true, rel=0.01)
    members = network(LSTM, 16)
    weights = sum(parameter.numel() * parameter.to(dtype).element_size() for parameter in members.parameters())
    assert memory.bytes_held(task, members, dtype) - without_weights == memory.COPIES_OF_WEIGHTS * weights


@pytest.mark.parametrize("cell", [RNN, LSTM, GRU])
def test_work_is_in_proportion_to_what_is_computed(cell: Any) -> None:
    once = memory.bytes_at_work(slopes(), network(cell, 16), torch.float32)
    assert memory.bytes_at_work(slopes(batch_size=20), network(cell, 16), torch.float32) == 2 * once
    assert memory.bytes_at_work(slopes(points=18), network(cell, 16), torch.float32) == 3 * once
    assert memory.bytes_at_work(slopes(), network(cell, 16), torch.float64) == 2 * once
    assert memory.bytes_at_work(slopes(), network(cell, 32), torch.float32) == pytest.approx(2 * once, rel=0.1)
    assert memory.bytes_at_work(slopes(train_size=600), network(cell, 16), torch.float32) == once
