"""What a network of the user's own returns is refused in one line where nothing could be trained on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from seqprobe.batch import last_step
from seqprobe.checks import InvalidValue
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.network_check import check_network
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import Cell, RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line
from seqprobe.tasks.turnstile import Turnstile

TASK = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=5, train_size=20, val_size=5, batch_size=5)
SEQUENCES = Turnstile("t", 0.4, 9)


class Net(nn.Module):
    """A linear map of the last step, or of every step, of which ``change`` makes something else."""

    def __init__(self, sizes: tuple[Any, ...], change: Callable[..., Any]) -> None:
        super().__init__()
        self.kind, self.change = sizes[2], change
        self.map = nn.Linear(sizes[0], sizes[1])

    def forward(self, inputs: Tensor, lengths: Tensor) -> Any:
        outputs = self.map(inputs)
        return self.change(outputs if self.kind == "seq2seq" else last_step(outputs, lengths), inputs)


def experiment(network: Callable[..., nn.Module], task: Any = TASK, engine: str = "auto") -> Experiment:
    settings = TrainerSettings(max_steps=2)
    return Experiment(task, network, lambda parameters: torch.optim.SGD(parameters), [0], settings, engine=engine)


def message(network: Callable[..., nn.Module], task: Any = TASK) -> str:
    with pytest.raises(InvalidValue) as caught:
        check_network(experiment(network, task))
    return str(caught.value)


CHANGES = [
    (lambda y, x: y.squeeze(-1), "forward gave (3,), expected (batch, output_size) = (3, 1)"),
    (lambda y, x: (y, None), "forward gave a tuple, expected (batch, output_size) = (3, 1)"),
    (lambda y, x: y.repeat(1, 2), "forward gave (3, 2), expected (batch, output_size) = (3, 1)"),
    (lambda y, x: y.unsqueeze(1), "forward gave (3, 1, 1), expected (batch, output_size) = (3, 1)"),
    (lambda y, x: y.long(), "forward gave outputs of torch.int64, expected floating-point numbers"),
    (lambda y, x: y * torch.nan, "forward gave NaN for finite inputs, before any training"),
    (lambda y, x: y.detach(), "forward gave outputs that no parameter changes: they were detached, or made anew"),
    (lambda y, x: x.zero_()[:, 0] + y, "forward changes its inputs in place"),
    (lambda y, x: y @ torch.zeros(7, 7), "forward(inputs (3, 5, 1), lengths) failed: RuntimeError: mat1 and mat2"),
]


@pytest.mark.parametrize(("change", "fault"), CHANGES, ids=[fault for _, fault in CHANGES])
def test_outputs_are_refused(change: Callable[..., Any], fault: str) -> None:
    assert message(lambda *sizes: Net(sizes, change)).startswith(f"model Net: {fault}")


def test_the_line_of_an_error_is_named() -> None:
    assert f"({__file__}, line " in message(lambda *sizes: Net(sizes, lambda y, x: y @ torch.zeros(7, 7)))


def test_a_step_is_missing() -> None:
    text = message(lambda *sizes: Net(sizes, lambda y, x: y[:, 1:]), SEQUENCES)
    assert text == "model Net: forward gave (3, 8, 2), expected (batch, time, output_size) = (3, 9, 2)"


def test_a_network_without_parameters_is_refused() -> None:
    def frozen(*sizes: Any) -> nn.Module:
        return Net(sizes, lambda y, x: y).requires_grad_(False)

    assert message(frozen) == "model Net: has no parameters that can be trained"


@pytest.mark.parametrize("task", [TASK, SEQUENCES])
def test_what_is_right_is_accepted(task: Any) -> None:
    before = torch.get_rng_state()
    check_network(experiment(lambda *sizes: Net(sizes, lambda y, x: y), task))
    assert torch.equal(before, torch.get_rng_state())


class Shared(Cell):
    """A cell that mixes members: its state is shifted by the mean over everything."""

    gates = ("candidate",)

    def step(self, blocks: Any, hidden: Tensor) -> dict[str, Tensor]:
        candidate = blocks[0].tanh()
        return {"candidate": candidate, "hidden": candidate - candidate.mean()}


class Renamed(RNN):
    """A cell that is right."""


def recurrent(cell: type[Cell]) -> Callable[..., nn.Module]:
    return lambda *sizes: RecurrentNetwork(*sizes, cell=cell, hidden_size=4)


def test_a_cell_that_mixes_members_is_refused() -> None:
    expected = "model Shared: gives other outputs with a seeds axis on its weights, as in the engine stacked"
    assert message(recurrent(Shared)).startswith(expected)
    check_network(experiment(recurrent(Shared), engine="looped"))
    check_network(experiment(recurrent(Renamed)))
