"""Losses and scores against plain sums, sequence by sequence."""

import math

import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.learning.losses import masked_mean, score_names, scores

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


@pytest.mark.parametrize("settled", [None, torch.tensor([[False], [True], [True]])])
@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_the_names_of_scores_are_those_that_are_returned(loss: str, settled: torch.Tensor | None) -> None:
    targets = OUTPUTS if loss == "mse" else OUTPUTS.argmax(-1)
    found = scores(loss, OUTPUTS, Batch(OUTPUTS, targets, LENGTHS), MASK.unsqueeze(-1), settled)
    assert sorted(found) == sorted(score_names(loss, settled is not None))
