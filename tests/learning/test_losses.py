"""Losses and scores against plain sums, sequence by sequence."""

import math
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.learning.losses import masked_mean, score_names, scores
from seqprobe.scoring import Score
from seqprobe.tasks import Task
from seqprobe.tasks.validation_measures import MEASURES, Measure

LENGTHS = torch.tensor([[2, 3], [1, 1]])
MASK = torch.tensor([[[1, 1, 0], [1, 1, 1]], [[1, 0, 0], [1, 0, 0]]]).bool()
OUTPUTS = torch.randn(2, 2, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_masked_mean_divides_by_what_counts() -> None:
    values = torch.tensor([[[1.0, 3.0], [math.nan, math.inf]], [[4.0, 6.0], [8.0, 10.0]]])
    mask = torch.tensor([[[True], [False]], [[True], [True]]])
    assert masked_mean(values, mask).tolist() == [2, 7]


def test_squared_errors_are_averaged_over_true_steps() -> None:
    targets = OUTPUTS + torch.tensor([1.0, 0, 0, 3])
    targets[1] += 1
    found = scores("mse", OUTPUTS, Batch(OUTPUTS, targets, LENGTHS), MASK.unsqueeze(-1), None)
    expected = [(1 + 9) / 4, (4 + 1 + 1 + 16) / 4]
    assert set(found) == {"loss", "rmse"}
    assert found["loss"].tolist() == pytest.approx(expected, abs=1e-14)
    assert found["rmse"].tolist() == pytest.approx([math.sqrt(loss) for loss in expected], abs=1e-14)


def test_rmse_settled_counts_settled_true_steps_only() -> None:
    targets = OUTPUTS.clone()
    targets[:, :, 0] += 100
    targets[:, :, :, 3] += 100
    targets[:, :, 1:, :3] += 2
    settled = torch.tensor([[False] * 4, *[[True, True, True, False]] * 2])
    batch = Batch(OUTPUTS, targets, torch.tensor([[2, 3], [3, 1]]))
    found = scores("mse", OUTPUTS, batch, batch.mask.unsqueeze(-1), settled)
    assert found["rmse_settled"].tolist() == pytest.approx([2, 2], abs=1e-13)


@pytest.mark.parametrize("kind", ["seq2seq", "seq2vec"])
def test_cross_entropy_and_accuracy_are_of_true_steps(kind: str) -> None:
    outputs, mask = (OUTPUTS, MASK) if kind == "seq2seq" else (OUTPUTS[:, :, 0], torch.ones(2, 2).bool())
    targets = torch.randint(4, mask.shape, generator=torch.Generator().manual_seed(1))
    found = scores("cross_entropy", outputs, Batch(OUTPUTS, targets, LENGTHS), mask.unsqueeze(-1), None)
    losses: list[list[float]] = [[], []]
    right: list[list[bool]] = [[], []]
    for index in mask.nonzero().tolist():
        logits, target = outputs[tuple(index)].tolist(), int(targets[tuple(index)])
        losses[index[0]].append(math.log(sum(map(math.exp, logits))) - logits[target])
        right[index[0]].append(logits.index(max(logits)) == target)
    assert set(found) == {"loss", "accuracy"}
    assert found["loss"].tolist() == pytest.approx([sum(own) / len(own) for own in losses], abs=1e-13)
    assert found["accuracy"].tolist() == pytest.approx([sum(own) / len(own) for own in right], abs=1e-15)


def test_a_measure_is_averaged_over_true_steps_of_each_member() -> None:
    targets = OUTPUTS + torch.tensor([1.0, -2, 0, 3])
    targets[1] += 1
    targets = targets.masked_fill(~MASK.unsqueeze(-1), 1e9)
    result = scores("mse", OUTPUTS, Batch(OUTPUTS, targets, LENGTHS), MASK.unsqueeze(-1), None, MEASURES)
    assert result["mae"].tolist() == pytest.approx([6 / 4, (2 + 1 + 1 + 4) / 4], abs=1e-14)
    assert result["mse"].tolist() == result["loss"].tolist()


class Steps(Task):
    """Numbers, or classes, of which some are right."""

    main_score = Score("share_right", "higher")

    def __init__(self, loss: str, has_settled: bool = False) -> None:
        super().__init__("steps", 4, ("a", "b", "c", "d"), "seq2seq", loss, 3, 1, 1, 1)
        self.has_settled = has_settled

    def settled_mask(self) -> Tensor | None:
        return torch.tensor([[False], [True], [True]]) if self.has_settled else None

    def measures(self) -> Mapping[str, Measure]:
        if self.loss == "cross_entropy":
            return {"share_right": lambda outputs, targets: (outputs.argmax(-1) == targets).double().unsqueeze(-1)}
        return {"share_right": lambda outputs, targets: ((outputs - targets).abs() < 1).double()}

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        raise NotImplementedError  # never called here


@pytest.mark.parametrize("has_settled", [False, True])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_the_names_of_scores_are_those_that_are_returned(loss: str, has_settled: bool) -> None:
    task, targets = Steps(loss, has_settled), OUTPUTS if loss == "mse" else OUTPUTS.argmax(-1)
    batch, settled = Batch(OUTPUTS, targets, LENGTHS), task.settled_mask()
    result = scores(loss, OUTPUTS, batch, MASK.unsqueeze(-1), settled, task.measures())
    assert sorted(result) == sorted(score_names(task))
    assert result["share_right"].tolist() == [1, 1]


def test_the_constant_level_is_measured_as_the_main_score_is() -> None:
    numbers = torch.tensor([0.0, 0, 0, 3]).repeat(4, 1).T.unsqueeze(1)
    batch = Batch(numbers, numbers, torch.ones(4, dtype=torch.long))
    level = Steps("mse").reference_levels(batch, batch)["constant"]
    assert level == (0.75, pytest.approx((3 * 0.75**2 + 2.25**2) / 4))
    classes = Batch(numbers, torch.tensor([[2], [2], [2], [1]]), torch.ones(4, dtype=torch.long))
    assert Steps("cross_entropy").reference_levels(classes, classes)["constant"].score == 0.75
