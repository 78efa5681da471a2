"""Padding, however long and whatever is in it, changes no loss, metric or gradient."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.learning.data import PopulationData
from seqprobe.learning.losses import scores
from seqprobe.learning.module import MODULES, PopulationModule
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.engines import build_population
from seqprobe.tasks import Task

OUTPUTS = ("a", "b", "c")


class Noise(Task):
    """Random targets for random sequences of random lengths."""

    def __init__(self, kind: str, loss: str) -> None:
        super().__init__("noise", 2, OUTPUTS, kind, loss, max_length=7, train_size=5, val_size=5, batch_size=3)

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        lengths = torch.randint(1, 8, (n,), generator=generator)
        lengths[0] = 7
        shape = (n, 7) if self.kind == "seq2seq" else (n,)
        if self.loss == "mse":
            targets = torch.randn(*shape, 3, generator=generator, dtype=torch.float64)
        else:
            targets = torch.randint(3, shape, generator=generator)
        return Batch(torch.randn(n, 7, 2, generator=generator, dtype=torch.float64), targets, lengths)


def built(kind: str, loss: str, cell: Any, engine: str) -> PopulationModule:
    def network() -> RecurrentNetwork:
        return RecurrentNetwork(2, 3, kind, 7, cell, hidden_size=4)

    data = PopulationData(Noise(kind, loss), [2, 5], max_steps=1, val_every=1, updates_per_batch=1)
    population = build_population(network, [2, 5], engine).double()
    return MODULES[kind](population, data, torch.optim.SGD, None)


def measured(module: PopulationModule, batch: Batch) -> dict[str, torch.Tensor]:
    """Everything that is reported of a batch, and the gradient."""
    losses = module.population.backward(module.member_losses, batch)
    found = scores(module.data.task.loss, module.population.predict(batch), batch, module.target_mask(batch), None)
    return {"training loss": losses, "gradient": module.population.weights.grad.clone(), **found}


def with_garbage(batch: Batch) -> Batch:
    """NaN in the padding of inputs and of targets that have any; another class where targets are classes."""
    inputs = batch.inputs.masked_fill(~batch.mask.unsqueeze(-1), torch.nan)
    targets = batch.targets
    if targets.shape[: batch.mask.dim()] == batch.mask.shape:
        if targets.is_floating_point():
            targets = targets.masked_fill(~batch.mask.unsqueeze(-1), torch.nan)
        else:
            targets = targets.masked_fill(~batch.mask, 2)
    return replace(batch, inputs=inputs, targets=targets)


@pytest.mark.parametrize("engine", ["stacked", "looped"])
@pytest.mark.parametrize("cell", [RNN, LSTM, GRU])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
def test_padding_changes_nothing(kind: str, loss: str, cell: Any, engine: str) -> None:
    module = built(kind, loss, cell, engine)
    batch = module.data.train
    expected = measured(module, batch)
    assert set(expected) == {"training loss", "gradient", "loss", "rmse" if loss == "mse" else "accuracy"}
    assert expected["gradient"].norm(dim=1).min() > 1e-3
    for other in (batch.pad(12), with_garbage(batch), with_garbage(batch.pad(12))):
        found = measured(module, other)
        for name, values in expected.items():
            torch.testing.assert_close(found[name], values, rtol=0, atol=1e-12, msg=name)


@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
def test_each_sequence_weighs_by_its_targets(kind: str) -> None:
    """The loss of a batch is that of its unpadded sequences, weighted by how many targets each has."""
    module = built(kind, "mse", LSTM, "stacked")
    batch, total, count = module.data.train, torch.zeros(2), torch.zeros(2)
    for i in range(5):
        for member, length in enumerate(batch.lengths[:, i].tolist()):
            inputs = batch.inputs[:, i : i + 1, :length]
            outputs = module.population(inputs, torch.full((2, 1), length))[member, 0]
            wanted = batch.targets[member, i, :length] if kind == "seq2seq" else batch.targets[member, i]
            total[member] += (outputs - wanted).square().sum().item()
            count[member] += wanted.numel()
    torch.testing.assert_close(module.population.backward(module.member_losses, batch).float(), total / count)


@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
def test_reference_levels_do_not_count_padding(kind: str) -> None:
    module = built(kind, "mse", RNN, "stacked")
    train, val, task = module.data.train, module.data.val, module.data.task
    expected = task.reference_levels(train, val)["constant"]
    padded = task.reference_levels(train.pad(12), val.pad(12))["constant"]
    assert padded == pytest.approx(expected, abs=1e-12)
