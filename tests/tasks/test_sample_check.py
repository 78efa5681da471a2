"""What a task of the user's own returns is refused in one line where nothing could be trained on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.scoring import Role
from seqprobe.tasks import Task
from seqprobe.tasks.sample_check import check_samples
from seqprobe.tasks.splits import Split
from seqprobe.tasks.task import Level

TIME, BATCH = 10, 20
NAN = torch.tensor(torch.nan)


class Bad(Task):
    """A task that is right but for ``change``, which makes something else of inputs, targets and lengths."""

    def __init__(self, change: Callable[..., object], kind: str = "seq2seq", loss: str = "mse") -> None:
        names = ("y",) if loss == "mse" else ("no", "yes")
        super().__init__("bad", 1, names, kind, loss, TIME, 100, 40, BATCH)
        self.change = change

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        inputs = torch.rand(n, TIME, 1, generator=generator, dtype=torch.float64)
        targets = inputs if self.kind == "seq2seq" else inputs[:, -1]
        if self.loss == "cross_entropy":
            targets = (targets[..., 0] > 0.5).long()
        changed: Any = self.change(inputs, targets, torch.full((n,), TIME))
        return Batch(*changed) if isinstance(changed, list) else changed


def message(task: Task) -> str:
    with pytest.raises(InvalidValue) as caught:
        check_samples(task)
    return str(caught.value)


def set_nan(values: Tensor) -> Tensor:
    return values.index_put((torch.tensor([0]), torch.tensor([3])), NAN.double())


SEQUENCES = [
    (lambda x, y, n: [x[..., 0], y, n], "inputs (20, 10), expected (n, time, features) = (20, 10, 1)"),
    (lambda x, y, n: [x.repeat(1, 1, 2), y, n], "inputs (20, 10, 2), expected (n, time, features) = (20, 10, 1)"),
    (lambda x, y, n: [x.repeat(1, 2, 1), y, n], "inputs (20, 20, 1), expected (n, time, features) = (20, 10, 1)"),
    (lambda x, y, n: [x[:1], y[:1], n[:1]], "inputs (1, 10, 1), expected (n, time, features) = (20, 10, 1)"),
    (lambda x, y, n: [x.long(), y, n], "inputs of torch.int64, expected floating-point numbers"),
    (lambda x, y, n: [set_nan(x), y, n], "inputs[0, 3, 0] = nan, expected finite numbers"),
    (lambda x, y, n: [x.numpy(), y, n], "inputs of type ndarray, expected a torch tensor"),
    (lambda x, y, n: [x.clone().requires_grad_(), y, n], "inputs that require gradients; detach them"),
    (lambda x, y, n: (x, y, n), "a tuple, expected a seqprobe.batch.Batch"),
    (lambda x, y, n: None, "None, expected a seqprobe.batch.Batch"),
    (lambda x, y, n: [x, y[..., 0], n], "targets (20, 10), expected (n, time, output_size) = (20, 10, 1) for seq2seq"),
    (lambda x, y, n: [x, y[:1], n], "targets (1, 10, 1), expected (n, time, output_size) = (20, 10, 1) for seq2seq"),
    (lambda x, y, n: [x, y.long(), n], "targets of torch.int64, expected floating-point numbers"),
    (lambda x, y, n: [x, set_nan(y), n], "targets[0, 3, 0] = nan, expected finite numbers"),
    (lambda x, y, n: [x, y, n + 3], "lengths 13 … 13, expected 1 … 10 (time)"),
    (lambda x, y, n: [x, y, n * 0], "lengths 0 … 0, expected 1 … 10 (time)"),
    (lambda x, y, n: [x, y, n.double()], "lengths of torch.float64, expected torch.int64"),
    (lambda x, y, n: [x, y, n[:, None]], "lengths (20, 1), expected (n,) = (20,)"),
    (lambda x, y, n: [torch.rand_like(x), y, n], "other sequences for an equal generator"),
    (lambda x, y, n: [torch.from_numpy(np.random.rand(*x.shape)), y, n], "other sequences for an equal generator"),
]
CLASSES = [
    (lambda x, y, n: [x, y.double(), n], "targets of torch.float64, expected classes as torch.int64"),
    (lambda x, y, n: [x, y.int(), n], "targets of torch.int32, expected classes as torch.int64"),
    (lambda x, y, n: [x, y > 0, n], "targets of torch.bool, expected classes as torch.int64"),
    (lambda x, y, n: [x, y + 1, n], "classes 1 … 2, expected 0 … 1, one for each output name"),
    (lambda x, y, n: [x, y - 1, n], "classes -1 … 0, expected 0 … 1, one for each output name"),
    (lambda x, y, n: [x, y * 0 - 100, n], "classes -100 … -100, expected 0 … 1, one for each output name"),
    (lambda x, y, n: [x, y[..., None], n], "targets (20, 10, 1), expected (n, time) = (20, 10) for seq2seq"),
]
VECTORS = [
    ("mse", lambda x, y, n: [x, y[:, 0], n], "targets (20,), expected (n, output_size) = (20, 1) for seq2vec"),
    ("mse", lambda x, y, n: [x, x, n], "targets (20, 10, 1), expected (n, output_size) = (20, 1) for seq2vec"),
    ("cross_entropy", lambda x, y, n: [x, y[:, None], n], "targets (20, 1), expected (n,) = (20,) for seq2vec"),
]


@pytest.mark.parametrize(("change", "fault"), SEQUENCES, ids=[fault for _, fault in SEQUENCES])
def test_numbers_are_refused(change: Callable[..., object], fault: str) -> None:
    assert message(Bad(change)).startswith(f"task bad: sample gave {fault}")


@pytest.mark.parametrize(("change", "fault"), CLASSES, ids=[fault for _, fault in CLASSES])
def test_classes_are_refused(change: Callable[..., object], fault: str) -> None:
    assert message(Bad(change, "seq2seq", "cross_entropy")).startswith(f"task bad: sample gave {fault}")


@pytest.mark.parametrize(("loss", "change", "fault"), VECTORS, ids=[fault for *_, fault in VECTORS])
def test_targets_of_whole_sequences_are_refused(loss: str, change: Callable[..., object], fault: str) -> None:
    assert message(Bad(change, "seq2vec", loss)).startswith(f"task bad: sample gave {fault}")


@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_what_is_right_is_accepted(kind: str, loss: str) -> None:
    check_samples(Bad(lambda *parts: list(parts), kind, loss))
    check_samples(Bad(lambda x, y, n: [x.float(), y.float() if loss == "mse" else y, n], kind, loss))


def test_padding_may_have_the_class_that_cross_entropy_ignores() -> None:
    padded = torch.full((BATCH,), TIME - 2)

    def pad(inputs: Tensor, classes: Tensor, lengths: Tensor) -> list[Tensor]:
        return [inputs, classes.index_fill(1, torch.tensor([8, 9]), -100), lengths - 2]

    check_samples(Bad(pad, "seq2seq", "cross_entropy"))
    assert padded.max() == 8


def test_an_error_names_the_file_and_the_line() -> None:
    line = message.__code__.co_firstlineno  # any line of this file
    text = message(Bad(lambda x, y, n: {}["missing"]))
    assert text.startswith("task bad: sample failed: KeyError: 'missing' (")
    assert f"{__file__}, line " in text
    assert int(text.rpartition("line ")[2].rstrip(")")) > line


def test_sequences_as_long_as_the_longest_of_a_draw_are_refused() -> None:
    text = message(Bad(lambda x, y, n: [x[:, : 6 + len(x) % 2], y[:, : 6 + len(x) % 2], n * 0 + 6]))
    assert text == "task bad: sample gave 6 steps once and 7 later; pad all to max_length = 10"


def test_no_random_stream_moves() -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # type: ignore[index, union-attr]
    message(Bad(lambda x, y, n: [torch.rand_like(x) * np.random.rand(), y, n]))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # type: ignore[index, union-attr]


class Split2(Bad):
    def sample_split(self, split: Split, n: int, generator: torch.Generator) -> Batch:
        batch = self.sample(n, generator)
        return batch if split == "train" else Batch(batch.inputs, batch.targets[:, 1:], batch.lengths)


def test_every_split_is_checked() -> None:
    text = message(Split2(lambda *parts: list(parts)))
    assert text.startswith("task bad: sample_split(val) gave targets (20, 9, 1), expected")


class Measured(Bad):
    def __init__(self, measured: Callable[[Tensor, Tensor], object]) -> None:
        super().__init__(lambda *parts: list(parts))
        self.measured = measured

    def measures(self) -> Mapping[str, Any]:
        return {"near": self.measured}


@pytest.mark.parametrize(
    ("measured", "fault"),
    [
        (lambda outputs, targets: (outputs - targets).abs().mean(), "(), expected"),
        (lambda outputs, targets: (outputs - targets).abs() < 0.1, "(1, 20, 10, 1) of torch.bool, expected"),
        (lambda outputs, targets: 0.3, "a float, expected"),
        (lambda outputs, targets: outputs.squeeze(-1), "(1, 20, 10), expected"),
    ],
)
def test_measures_are_refused(measured: Callable[[Tensor, Tensor], object], fault: str) -> None:
    text = message(Measured(measured))
    assert text.startswith(f"task bad: measure near gave {fault.partition(',')[0]}")
    assert text.endswith("expected a floating-point value for each output (1, 20, 10, 1)")


class Settled(Bad):
    def settled_mask(self) -> Tensor:
        return torch.ones(3, 1, dtype=torch.bool)


class Levelled(Bad):
    def reference_levels(self, train: Batch, val: Batch) -> dict[Role, Level]:
        return {"constant": 0.5}  # type: ignore[dict-item]


class Placed(Bad):
    def time_axis(self) -> tuple[Tensor, str]:
        return torch.arange(3), "step"


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Settled, "settled_mask gave (3, 1) of torch.bool, expected booleans (10, 1)"),
        (Levelled, "reference_levels gave {'constant': 0.5}, expected a Level of two floats, (score, loss), for each"),
        (Placed, "time_axis gave (3,), expected (max_length,) = (10,) and the axis's label"),
    ],
)
def test_what_else_a_task_states_is_refused(kind: type[Bad], fault: str) -> None:
    assert message(kind(lambda *parts: list(parts))).startswith(f"task bad: {fault}")
