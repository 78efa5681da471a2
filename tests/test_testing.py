"""The checks that users call in their own test suites accept what is right, and name what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from documents import write_examples
from scripts import forget_modules
from torch import Tensor, nn

from seqprobe.checks import InvalidValue
from seqprobe.config.targets import resolve_target
from seqprobe.models import Cell
from seqprobe.models.cells.gru import GRU
from seqprobe.models.cells.lstm import LSTM
from seqprobe.probes.curve_probes import ReproductionProbe
from seqprobe.probes.lag import Lag
from seqprobe.tasks.curves import Sine
from seqprobe.testing import check_cell, check_probe, check_task, small_tasks


def test_the_examples_of_the_docs_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_examples("docs/extending.md", tmp_path)
    monkeypatch.syspath_prepend(folder)
    check_task(resolve_target("task", "held_out_parity.HeldOutParity")())
    for name in ("test_my_task", "test_my_cell", "test_my_probe"):
        resolve_target("test", f"test_my_code.{name}")()
    forget_modules([folder])


@pytest.mark.parametrize("cell", [GRU, LSTM])
def test_built_in_cells_pass(cell: type[Cell]) -> None:
    check_cell(cell)


@pytest.mark.parametrize("task", small_tasks(), ids=lambda task: task.name)
def test_built_in_tasks_pass(task: object) -> None:
    check_task(task)  # type: ignore[arg-type]


def test_built_in_probes_find_their_tasks() -> None:
    check_probe(ReproductionProbe(Sine(), "amplitude", [0.1, 0.8]))
    check_probe(Lag([1, 2]))


class Leaky(Cell):
    """The cell from which the wrong ones are made."""

    gates = ("candidate",)

    def step(self, blocks: Sequence[Tensor], hidden: Tensor) -> dict[str, Tensor]:
        return {"candidate": blocks[0].tanh(), "hidden": torch.lerp(hidden, blocks[0].tanh(), 0.1)}


class Dead(Leaky):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.unused = nn.Parameter(torch.zeros(3))


class Mixed(Leaky):
    def step(self, blocks: Sequence[Tensor], hidden: Tensor) -> dict[str, Tensor]:
        return {"hidden": blocks[0].tanh() - blocks[0].mean()}


class Nameless(Leaky):
    def step(self, blocks: Sequence[Tensor], hidden: Tensor) -> dict[str, Tensor]:
        return {"state": hidden}


class Unnamed(Leaky):
    def step(self, blocks: Sequence[Tensor], hidden: Tensor) -> Any:
        return hidden


class Smaller(Leaky):
    def step(self, blocks: Sequence[Tensor], hidden: Tensor) -> dict[str, Tensor]:
        return {"hidden": blocks[0][:, :1]}


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (Dead, "cell Dead: parameter unused changes nothing"),
        (Mixed, "cell Mixed: step gives other values with a seeds axis"),
        (Nameless, "cell Nameless: step gave state, but not hidden, which the next step needs"),
        (Unnamed, "cell Unnamed: step gave (1, 4, 3), expected a dict of tensors by name"),
        (Smaller, "cell Smaller: step gave hidden (1, 1, 3), expected (seeds, hidden, batch) = (1, 4, 3)"),
    ],
)
def test_wrong_cells_are_refused(cell: type[Cell], fault: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_cell(cell)
    assert str(caught.value).startswith(fault)
