"""Networks that draw at random: a member draws what its solo run draws, in training alone, and is never stacked."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from seqprobe.checks import InvalidValue
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.member_arrays import to_bytes
from seqprobe.learning.plan import make_plan
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.cells.unroll import is_elementwise
from seqprobe.models.member import build_member
from seqprobe.models.random_layers import draws_at_random, preserved_generators, restart_generators, torch_dropout
from seqprobe.seeds import generator
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

TASK = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6, train_size=20, val_size=4, batch_size=8)
CPU = torch.device("cpu")


class Dropping(nn.Module):
    """A user's network with dropout."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        self.hidden, self.drop, self.dense = nn.Linear(6, 5), nn.Dropout(0.3), nn.Linear(5, 1)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return self.dense(self.drop(torch.tanh(self.hidden(inputs[..., 0]))))


class DroppingLayers(RecurrentNetwork):
    """A recurrent network, which can be stacked but for its dropout."""

    def __init__(self, *sizes: Any, share: float = 0.3) -> None:
        super().__init__(*sizes, cell=RNN, hidden_size=3)
        self.drop = nn.Dropout(share)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        return super().forward(self.drop(inputs), lengths)


class DroppingCell(RNN):
    """A cell that drops hidden units between steps: elementwise, but never the same twice."""

    def step(self, blocks: Sequence[Tensor], *states: Tensor) -> dict[str, Tensor]:
        values = super().step(blocks, *states)
        return {**values, "hidden": nn.functional.dropout(values["hidden"], 1e-6, self.training)}


def experiment(network: Any, seeds: Sequence[int], engine: str = "auto", steps: int = 30) -> Experiment:
    trainer = TrainerSettings(steps, val_every=10, log_every=1, accelerator="cpu")
    return Experiment(TASK, network, partial(torch.optim.SGD, lr=0.1), seeds, trainer, engine=engine)


@pytest.fixture(scope="module")
def together() -> MemoryRecorder:
    recorder = MemoryRecorder()
    assert fit(experiment(Dropping, [4, 0, 7]), recorder).engine == "looped"
    return recorder


@pytest.mark.parametrize(("member", "seed"), [(0, 4), (1, 0), (2, 7)])
def test_a_member_with_dropout_is_its_solo_run_to_the_bit(together: MemoryRecorder, member: int, seed: int) -> None:
    alone = MemoryRecorder()
    torch.rand(seed + 3)  # wherever the generator of this process stands
    fit(experiment(Dropping, [seed]), alone)
    for name in ("train/loss", "val/loss", "val/rmse"):
        steps, values = together.history(name)
        assert len(steps) == (30 if name == "train/loss" else 4)
        np.testing.assert_array_equal(values[member], alone.history(name)[1][0], name)


def test_updates_and_seeds_draw_other_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    masks = list[list[bool]]()
    drop = nn.functional.dropout

    def noted(values: Tensor, *how: Any) -> Tensor:
        dropped = drop(values, *how)
        masks.append((dropped == 0).flatten().tolist())
        return dropped

    monkeypatch.setattr(nn.functional, "dropout", noted)
    fit(experiment(Dropping, [0, 1], steps=2), MemoryRecorder())
    trained = [mask for mask in masks if any(mask)]
    assert len(trained) == 4
    assert len({tuple(mask) for mask in trained}) == 4


def test_evaluation_never_drops() -> None:
    recorder = MemoryRecorder()
    result = fit(experiment(Dropping, [5], steps=0), recorder)
    network = build_member(partial(Dropping, 1, 1, "seq2vec", 6), 5).eval()
    batch = TASK.sample(TASK.val_size, generator(5, "validation_data")).to("cpu", torch.float32)
    loss = (network(batch.inputs, batch.lengths) - batch.targets).square().mean()
    assert recorder.last("val/loss").tolist() == pytest.approx([loss.item()])
    assert not any(layer.training for layer in result.population.modules())


def test_the_users_generator_goes_on_where_it_was() -> None:
    before = torch.get_rng_state()
    fit(experiment(Dropping, [0, 1], steps=2), MemoryRecorder())
    assert torch.equal(torch.get_rng_state(), before)
    with preserved_generators(CPU):
        torch.rand(3)
    assert torch.equal(torch.get_rng_state(), before)


class RecordedGenerator:
    """A GPU's generator that remembers where it was restarted."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def manual_seed(self, number: int) -> None:
        self.numbers.append(number)


def test_only_the_generators_of_the_gpu_that_trains_are_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = [RecordedGenerator(), RecordedGenerator()]
    calls: list[Any] = []
    monkeypatch.setattr("torch.cuda.default_generators", gpus)
    monkeypatch.setattr("torch.cuda.get_rng_state", lambda device: calls.append(("read", device)) or "state")
    monkeypatch.setattr("torch.cuda.set_rng_state", lambda state, device: calls.append((state, device)))
    device = torch.device("cuda", 1)
    before = torch.get_rng_state()
    with preserved_generators(device):
        restart_generators(device, 2**63 + 5)
        assert torch.initial_seed() == 2**63 + 5
    assert [gpu.numbers for gpu in gpus] == [[], [2**63 + 5]]
    assert calls == [("read", device), ("state", device)]
    assert torch.equal(torch.get_rng_state(), before)


def test_the_generator_of_a_mac_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr("torch.mps.get_rng_state", lambda: "state")
    monkeypatch.setattr("torch.mps.set_rng_state", calls.append)
    monkeypatch.setattr("torch.mps.manual_seed", calls.append)
    with preserved_generators(torch.device("mps")):
        restart_generators(torch.device("mps"), 7)
    assert calls == [7, "state"]


def test_what_draws_is_not_stacked() -> None:
    assert fit(experiment(DroppingLayers, [0, 1], steps=1), MemoryRecorder()).engine == "looped"
    with pytest.raises(InvalidValue, match=r"^engine=stacked: this network draws at random in training") as refused:
        experiment(DroppingLayers, [0, 1], "stacked").check()
    assert "\n" not in str(refused.value)
    experiment(DroppingLayers, [0, 1], "looped").check()
    experiment(partial(DroppingLayers, share=0.0), [0, 1], "stacked").check()


def test_members_that_an_earlier_version_stacked_are_joined_by_looped_ones() -> None:
    known = {0: {"engine": to_bytes(np.array("stacked"))}}
    for share, engine in ((0.3, "looped"), (0.0, "stacked")):
        plan, _ = make_plan(experiment(partial(DroppingLayers, share=share), [0, 1]), known, CPU)
        assert (plan.engine, plan.groups) == (engine, [[1]])


@pytest.mark.parametrize(("network", "draws"), [(Dropping, True), (DroppingLayers, True), (None, False)])
def test_drawing_is_seen_without_drawing(network: Any, draws: bool) -> None:
    built = RecurrentNetwork(1, 1, "seq2vec", 6, RNN) if network is None else network(1, 1, "seq2vec", 6)
    before = torch.get_rng_state()
    assert draws_at_random(built, TASK.sample(2, generator(0, "train_data")).to("cpu", torch.float32)) is draws
    assert torch.equal(torch.get_rng_state(), before)


def test_a_cell_that_draws_is_not_elementwise() -> None:
    before = torch.get_rng_state()
    assert is_elementwise(RNN(1, 2))
    assert not is_elementwise(DroppingCell(1, 2))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("network", "enabled"), [(nn.LSTM(1, 2, 2, dropout=0.5), False), (nn.LSTM(1, 2, 2), True), (nn.Dropout(), True)]
)
def test_dropout_between_fused_layers_is_left_to_torch(network: nn.Module, enabled: bool) -> None:
    assert torch.backends.cudnn.enabled
    with torch_dropout(nn.Sequential(network)):
        assert torch.backends.cudnn.enabled is enabled
    assert torch.backends.cudnn.enabled
