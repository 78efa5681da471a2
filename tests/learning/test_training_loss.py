"""A chosen loss is trained and validated instead of the task's, for each member alone, and padding never counts."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.learning.data import Order
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.losses import masked_mean, scores
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.learning.settings import TrainerSettings
from seqprobe.learning.training_loss import ElementLoss, Quantile, check_loss
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.models.member import build_member
from seqprobe.seeds import generator
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine
from seqprobe.tasks.remember import Remember

STEPS = 12
NUMBERS = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=6, train_size=20, val_size=4, batch_size=8)
CLASSES = Remember("c", lag=3, symbols=3, train_size=20, val_size=6, batch_size=8)
CURVES = Reproduce("r", Sine(), points=9, train_size=4, val_size=2, batch_size=2)
HUBER = nn.HuberLoss(reduction="none", delta=0.05)
SMOOTHED = nn.CrossEntropyLoss(reduction="none", label_smoothing=0.2)
NETWORK = partial(RecurrentNetwork, cell=RNN, hidden_size=4)
CASES = [(NUMBERS, HUBER), (CLASSES, SMOOTHED)]
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])
each_case = pytest.mark.parametrize(("task", "loss"), CASES, ids=["numbers", "classes"])


@cache
def trained(task: Any, loss: Any, seeds: tuple[int, ...], engine: str) -> tuple[TrainResult, MemoryRecorder]:
    settings = TrainerSettings(STEPS, val_every=7, log_every=1, accelerator="cpu", precision="64-true")
    optimizer, recorder = partial(torch.optim.SGD, lr=0.1), MemoryRecorder()
    requested = Experiment(task, NETWORK, optimizer, list(seeds), settings, loss=loss, engine=engine)
    requested.check()
    return fit(requested, recorder), recorder


@each_case
@each_engine
def test_a_member_is_torchs_own_loop(task: Any, loss: Any, engine: str) -> None:
    sizes = (task.input_size, task.output_size, task.kind, task.max_length)
    network = build_member(partial(NETWORK, *sizes), 7).double()
    data, optimizer, expected = task.sample(20, generator(7, "train_data")), None, []
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for indices in Order(7, 8, 20).indices(range(STEPS)):
        optimizer.zero_grad()
        value = loss(network(data.inputs[indices].double(), data.lengths[indices]), data.targets[indices]).mean()
        value.backward()
        optimizer.step()
        expected.append(value.item())
    _, recorder = trained(task, loss, (7,), engine)
    np.testing.assert_allclose(recorder.history("train/loss")[1][0], expected, rtol=1e-9, atol=0)
    val = task.sample(task.val_size, generator(7, "validation_data"))
    outputs = network(val.inputs.double(), val.lengths)
    assert recorder.last("val/loss").tolist() == pytest.approx([loss(outputs, val.targets).mean().item()])
    if task is NUMBERS:
        assert recorder.last("val/rmse").tolist() == pytest.approx(
            [(outputs - val.targets).square().mean().sqrt().item()]
        )


@each_case
@each_engine
def test_a_member_is_its_solo_run_to_the_bit(task: Any, loss: Any, engine: str) -> None:
    together, alone = (trained(task, loss, seeds, engine)[0].population for seeds in ((3, 0, 7), (7,)))
    assert together.weights[2].tolist() == alone.weights[0].tolist()


@each_case
def test_engines_agree(task: Any, loss: Any) -> None:
    stacked, looped = (trained(task, loss, (3, 0, 7), engine)[0].population.weights for engine in ("stacked", "looped"))
    torch.testing.assert_close(stacked, looped, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("loss", [HUBER, lambda outputs, targets: HUBER(outputs, targets).sum(-1)])
def test_padding_never_counts(loss: Any) -> None:
    drawn = torch.Generator().manual_seed(0)
    inputs, targets, outputs = (torch.randn(2, 3, 5, 2, generator=drawn) for _ in range(3))
    batch = Batch(inputs, targets, torch.tensor([[5, 2, 1], [3, 3, 4]]))
    garbage = outputs.masked_fill(~batch.mask.unsqueeze(-1), 1e6)
    counted = batch.mask.unsqueeze(-1)
    expected, same = (masked_mean(ElementLoss(loss)(values, batch), counted) for values in (outputs, garbage))
    assert expected.tolist() == same.tolist()
    by_hand = loss(outputs[0], targets[0])[batch.mask[0]].mean()
    assert expected[0].item() == pytest.approx(by_hand.item())


def test_settled_errors_stay_those_of_the_task() -> None:
    batch = Batch(torch.zeros(1, 2, 3, 1), torch.zeros(1, 2, 3, 1), torch.full((1, 2), 3))
    outputs = torch.tensor([1.0, 2.0, 2.0]).view(1, 1, 3, 1).expand(1, 2, 3, 1)
    settled = torch.tensor([False, True, True]).unsqueeze(-1)
    found = scores("mse", outputs, batch, None, settled, {}, ElementLoss(nn.L1Loss(reduction="none")))
    assert {name: value.item() for name, value in found.items()} == pytest.approx(
        {"loss": 5 / 3, "rmse": 3**0.5, "rmse_settled": 2.0}
    )


def test_a_quantile_is_the_best_constant_by_its_loss() -> None:
    targets = torch.arange(101.0).square().unsqueeze(-1)
    values = [Quantile(0.8)(torch.full_like(targets, float(k) ** 2), targets).mean().item() for k in range(101)]
    assert int(np.argmin(values)) == 80
    assert Quantile(0.8)(torch.tensor([1.0]), torch.tensor([3.0])).item() == pytest.approx(0.8 * 2)
    assert Quantile(0.8)(torch.tensor([3.0]), torch.tensor([1.0])).item() == pytest.approx(0.2 * 2)


def test_class_weights_follow_the_outputs_precision() -> None:
    loss = nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 0.5, 1.0]), reduction="none")
    batch = Batch(torch.zeros(1, 2, 3, 4), torch.tensor([[1, 2]]), torch.full((1, 2), 3))
    values = ElementLoss(loss)(torch.zeros(1, 2, 4, dtype=torch.float64), batch)
    np.testing.assert_allclose(values.flatten(), np.log(4) * np.array([2, 0.5]), rtol=1e-12)


def mixing(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).square() / outputs.detach().square().mean()


def drawing(outputs: Tensor, targets: Tensor) -> Tensor:
    return (outputs - targets).square() * torch.rand_like(outputs)


class Learned(nn.Module):
    """A loss with a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))


@pytest.mark.parametrize(
    ("loss", "task", "message"),
    [
        (nn.HuberLoss(), NUMBERS, r"loss=HuberLoss: gave \(\) for targets \(5, 1\); expected .* \(5, 1\) or \(5,\)"),
        (HUBER, CLASSES, r"loss=HuberLoss: does not take this task's outputs \(5, 3\) and targets \(5,\): The size"),
        (SMOOTHED, CURVES, "loss=CrossEntropyLoss: is a loss of classes, and this task's targets are numbers$"),
        (SMOOTHED, NUMBERS, "loss=CrossEntropyLoss: is a loss of classes, and this task's targets are numbers$"),
        (
            nn.HuberLoss(delta=-1),
            NUMBERS,
            "loss=HuberLoss: cannot be computed: huber_loss does not support non-positive",
        ),
        (mixing, NUMBERS, "loss=mixing: must give a target the same value again, whatever"),
        (drawing, CURVES, "loss=drawing: must give a target the same value again"),
        (Learned(), NUMBERS, "loss=Learned: must have no parameters of its own"),
        (lambda outputs, targets: targets * 1.0, NUMBERS, "loss=<lambda>: must depend on the outputs"),
        (lambda outputs, targets: 3, NUMBERS, "loss=<lambda>: gave int for targets"),
        (3, NUMBERS, "loss=int: must be callable"),
    ],
)
def test_what_is_no_loss_of_every_target_is_refused(loss: Any, task: Any, message: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{message}"):
        check_loss(loss, task)
