"""Checkpoints are whole or not there, and a training that goes on from one ends as if it had never stopped."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as lightning
import torch
from torch import Tensor, nn

from seqprobe.learning import checkpoint
from seqprobe.learning.checkpoint import CheckpointError, Checkpoints, pack_state, unpack_state
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.previous_work import PreviousWork
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line
from seqprobe.tasks.remember import Remember

STATE = {"weights": torch.tensor([[1.5, float("nan")], [float("inf"), -0.0]]), "step": 7, "words": ["a", ""], "n": None}


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return str(one) == str(other) and one.keys() == other.keys()


class Marks:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_a_state_survives_being_packed() -> None:
    assert same(unpack_state(pack_state(STATE)), STATE)


@pytest.mark.parametrize("kept", [0, 5, 31, 32, 33, 200, -1])
def test_what_is_cut_short_is_damaged(kept: int) -> None:
    with pytest.raises(CheckpointError, match="was truncated or modified"):
        unpack_state(pack_state(STATE)[:kept])


@pytest.mark.parametrize("place", [0, 40, 300, -1])
def test_what_was_changed_is_damaged(place: int) -> None:
    changed = bytearray(pack_state(STATE))
    changed[place] ^= 1
    with pytest.raises(CheckpointError, match="was truncated or modified"):
        unpack_state(bytes(changed))


@pytest.mark.parametrize("how", ["torch", "pickle"])
def test_a_planted_object_is_refused_and_never_made(how: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    {"torch": torch.save, "pickle": pickle.dump}[how]({"weights": Marks(tmp_path / "mark")}, buffer)
    planted = hashlib.sha256(buffer.getvalue()).digest() + buffer.getvalue()
    with pytest.raises(CheckpointError, match="other objects than tensors"):
        unpack_state(planted)
    assert list(tmp_path.iterdir()) == []
    buffer.seek(0)
    torch.load(buffer, weights_only=False) if how == "torch" else pickle.load(buffer)
    assert (tmp_path / "mark").is_dir()  # it would have been made


def test_a_planted_checkpoint_is_reported_and_the_one_before_is_used(tmp_path: Path) -> None:
    said: list[str] = []
    checkpoints = Checkpoints(tmp_path / "work", notice=said.append)
    checkpoints.save("group", STATE)
    buffer = io.BytesIO()
    torch.save({"module": Marks(tmp_path / "mark")}, buffer)
    planted = tmp_path / "work" / "group.000001.checkpoint"
    planted.write_bytes(hashlib.sha256(buffer.getvalue()).digest() + buffer.getvalue())
    assert same(checkpoints.load("group", dict) or {}, STATE)
    assert not (tmp_path / "mark").exists()
    assert said == [
        f"{planted} is damaged (it contains other objects than tensors and plain values):"
        f" renamed to {planted.name}.damaged; the previous one is used"
    ]


def test_the_newest_two_are_kept_of_every_name(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in range(12):
        checkpoints.save("one", {"step": step})
    checkpoints.save("other", {"step": 99})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one.000010.checkpoint",
        "one.000011.checkpoint",
        "other.000000.checkpoint",
    ]
    assert checkpoints.load("one", dict) == {"step": 11}
    assert checkpoints.load("none", dict) is None


def test_after_damage_the_one_before_is_used_and_after_more_none(tmp_path: Path) -> None:
    said: list[str] = []
    checkpoints = Checkpoints(tmp_path, notice=said.append)
    for step in range(3):
        checkpoints.save("one", {"step": step})
    for number in (2, 1):
        with (tmp_path / f"one.00000{number}.checkpoint").open("r+b") as file:
            file.truncate(50)
        assert checkpoints.load("one", dict) == ({"step": 1} if number == 2 else None)
    consequences = ["the previous one is used", "that training starts from the beginning"]
    assert [words.rpartition("; ")[2] for words in said] == consequences
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one.000001.checkpoint.damaged",
        "one.000002.checkpoint.damaged",
    ]
    checkpoints.save("one", {"step": 5})
    assert checkpoints.load("one", dict) == {"step": 5}


def test_a_write_that_fails_leaves_those_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save("one", {"step": 1})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"No space left on device: '.*one\.000001\.checkpoint'"):
            checkpoints.save("one", {"step": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["one.000000.checkpoint"]
    assert checkpoints.load("one", dict) == {"step": 1}


def test_when_one_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now)
    often, seldom, never = Checkpoints(tmp_path / "a", 0.0), Checkpoints(tmp_path / "b", 5.0), Checkpoints(None, 0.0)
    assert (often.is_due(), seldom.is_due(), never.is_due()) == (True, False, False)
    now = 104.9
    assert not seldom.is_due()
    now = 105.0
    assert seldom.is_due()
    seldom._saved, seldom._cost = 105.0, 1.0  # saving took a second
    now = 124.9
    assert not seldom.is_due()
    now = 125.0
    assert seldom.is_due()


class Dropping(nn.Module):
    """A user's network that draws from torch's global generator and keeps more than it trains."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        self.norm, self.drop, self.dense = nn.BatchNorm1d(6), nn.Dropout(0.3), nn.Linear(6, 1)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return self.dense(self.drop(self.norm(inputs[..., 0])))


PLAN = {"engine": "looped", "at_once": 3}
NAMED = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6, train_size=20, val_size=4, batch_size=8)
CLASSES = Remember("c", lag=3, symbols=3, train_size=20, val_size=6, batch_size=4)
OPTIMIZERS = {
    "momentum": partial(torch.optim.SGD, lr=0.1, momentum=0.9),
    "Adam": partial(torch.optim.Adam, lr=0.02),
}


def experiment(
    task: Any, network: Any, optimizer: str, engine: str, seeds: Sequence[int] = (3, 0, 7), **settings: Any
) -> Experiment:
    built = network if network is Dropping else partial(RecurrentNetwork, cell=network, hidden_size=4)
    trainer = TrainerSettings(23, val_every=7, log_every=3, accelerator="cpu", **{"precision": "32-true", **settings})
    return Experiment(task, built, OPTIMIZERS[optimizer], list(seeds), trainer, engine=engine)


class Stopped(Exception):
    """The process ended here."""


class Stop(lightning.Callback):
    """End a training after so many Lightning batches, or at the n-th validation."""

    def __init__(self, batches: int = -1, validations: int = -1) -> None:
        self.batches, self.validations = batches, validations

    def on_train_batch_end(self, *args: Any) -> None:
        self.batches -= 1
        if self.batches == 0:
            raise Stopped

    def on_validation_start(self, *args: Any) -> None:
        self.validations -= 1
        if self.validations == 0:
            raise Stopped


def assert_same(found: TrainResult, wanted: TrainResult) -> None:
    same = (
        "updates",
        "scores",
        "diverged_at",
        "causes",
        "references",
        "best_weights",
        "best_scores",
        "frames",
        "snapshots",
    )
    for name in same:
        np.testing.assert_equal(getattr(found, name), getattr(wanted, name), name)
    np.testing.assert_equal(found.history, wanted.history)
    assert found.population.weights.tolist() == wanted.population.weights.tolist()
    for member in range(len(wanted.population)):
        theirs = wanted.population.untrained_values(member)
        assert all(
            torch.equal(value, theirs[name]) for name, value in found.population.untrained_values(member).items()
        )


@pytest.mark.parametrize("stop", [{"validations": 2}, {"batches": 1}, {"batches": 3}, {"batches": 8}], ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    ("task", "network", "engine"),
    [(NAMED, RNN, "stacked"), (NAMED, LSTM, "looped"), (CLASSES, GRU, "stacked"), (NAMED, Dropping, "looped")],
    ids=["numbers-stacked", "numbers-looped", "classes-stacked", "dropout"],
)
def test_a_training_goes_on_bit_for_bit(
    task: Any, network: Any, engine: str, optimizer: str, stop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 3)
    asked = experiment(task, network, optimizer, engine, precision="64-true" if optimizer == "Adam" else "32-true")
    whole, told = MemoryRecorder(), MemoryRecorder()
    wanted = fit(asked, whole)
    with pytest.raises(Stopped):
        fit(asked, told, callbacks=[Stop(**stop)], previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds))
    torch.rand(5)  # another process draws other numbers
    found = fit(asked, told, previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds))
    assert_same(found, wanted)
    np.testing.assert_equal(told.metrics_at, whole.metrics_at)


def test_a_training_that_had_ended_is_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = experiment(NAMED, RNN, "Adam", "stacked")
    wanted = fit(asked, MemoryRecorder(), previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds))
    monkeypatch.setattr("seqprobe.learning.module.PopulationModule.update", lambda *args: 1 / 0)
    assert_same(fit(asked, MemoryRecorder(), previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds)), wanted)


def test_groups_that_were_trained_stay_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = experiment(NAMED, RNN, "Adam", "stacked", memory_gib=1e-9, precision="64-true")
    wanted = fit(asked, MemoryRecorder())
    begun: list[list[int]] = []

    class Begun(lightning.Callback):
        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            begun.append(pl_module.data.seeds)

    with pytest.raises(Stopped):
        fit(
            asked,
            MemoryRecorder(),
            callbacks=[Begun(), Stop(batches=6)],
            previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds),
        )
    assert begun == [[3], [0]]
    told = MemoryRecorder()
    assert_same(
        fit(asked, told, callbacks=[Begun()], previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds)), wanted
    )
    assert begun == [[3], [0], [0], [7]]
    assert list(told.metrics_at["val/loss"]) == [0, 7, 14, 21, 23]


def test_the_engine_is_chosen_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = experiment(NAMED, LSTM, "Adam", "auto")
    monkeypatch.setattr("seqprobe.learning.plan.choose_engine", lambda *args: "looped")
    with pytest.raises(Stopped):
        fit(
            asked,
            MemoryRecorder(),
            callbacks=[Stop(batches=2)],
            previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds),
        )
    monkeypatch.setattr("seqprobe.learning.plan.choose_engine", lambda *args: "stacked")
    assert (
        fit(asked, MemoryRecorder(), previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds)).engine == "looped"
    )
    assert fit(asked, MemoryRecorder()).engine == "stacked"


def without_weights(state: dict[str, Any]) -> None:
    del state["module"]["weights"]


def of_a_wider_network(state: dict[str, Any]) -> None:
    state["module"]["weights"] = torch.zeros(3, 99)


def of_one_member(state: dict[str, Any]) -> None:
    """Such weights would be copied to all members."""
    state["module"]["weights"] = state["module"]["weights"][:1]


def beyond_the_end(state: dict[str, Any]) -> None:
    state["module"]["updates_done"] = 24


def of_another_optimizer(state: dict[str, Any]) -> None:
    state["module"]["optimizer"]["param_groups"][0] = {"lr": 0.1, "params": [0]}


def with_shorter_metrics(state: dict[str, Any]) -> None:
    state["recording"]["history"]["val/loss"]["values"] = torch.zeros(1, 3)


def of_other_seeds(state: dict[str, Any]) -> None:
    state["module"]["causes"] = [""] * 4


@pytest.mark.parametrize(
    "change",
    [
        dict.clear,
        without_weights,
        of_a_wider_network,
        of_one_member,
        of_other_seeds,
        beyond_the_end,
        of_another_optimizer,
        with_shorter_metrics,
    ],
)
def test_a_checkpoint_of_another_training_is_set_aside(
    change: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    asked, said = experiment(NAMED, RNN, "Adam", "stacked"), list[str]()
    wanted = fit(asked, MemoryRecorder(), previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds))
    newest = max(tmp_path.glob("group-*.checkpoint"))
    state = unpack_state(newest.read_bytes())
    change(state)
    newest.write_bytes(pack_state(state))
    checkpoints = Checkpoints(tmp_path, notice=said.append)
    assert_same(fit(asked, MemoryRecorder(), previous=PreviousWork.load(checkpoints, asked.seeds)), wanted)
    reason = f"{newest} is damaged (it is of another training): renamed to {newest.name}.damaged"
    assert said == [f"{reason}; the previous one is used"]


def test_a_damaged_plan_is_read_from_a_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, said = experiment(NAMED, RNN, "Adam", "stacked", memory_gib=1e-9), list[str]()
    wanted = fit(asked, MemoryRecorder(), previous=PreviousWork.load(Checkpoints(tmp_path), asked.seeds))
    for content in (b"damaged", pack_state({"engine": "looped"}), pack_state({**PLAN, "groups": [[3, 0, 8]]})):
        (tmp_path / "plan.000007.checkpoint").write_bytes(content)
        (tmp_path / "plan.000000.checkpoint").unlink(missing_ok=True)
        monkeypatch.setattr("seqprobe.learning.module.PopulationModule.update", lambda *args: 1 / 0)
        work = PreviousWork.load(Checkpoints(tmp_path, notice=said.append), asked.seeds)
        assert work.plan is not None
        assert work.plan.groups == [[3], [0], [7]]
        assert_same(fit(asked, MemoryRecorder(), previous=work), wanted)
    assert [words.rpartition("; ")[2] for words in said] == ["the plan is read from other checkpoints"] * 3
