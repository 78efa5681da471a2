"""The wavy function, its questions, and the least possible error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.seeds import generator
from seqprobe.tasks.inverse import Inverse, observations, wavy


def f(z: Any) -> Any:
    """The function once more, by hand."""
    return 2 + 0.5 * np.sin(z / 2 - 1) + np.sin(z) + np.sin(2 * z + 2) + np.sin(z / 4 + 1)


@pytest.mark.parametrize(("z", "value"), [(0, 3.3300), (-1, 1.3414), (-2, 0.2062), (10, 0.7179), (9, 3.0415)])
def test_the_function_at_hand_computed_points(z: float, value: float) -> None:
    assert f(z) == pytest.approx(value, abs=5e-5)
    assert wavy(torch.tensor([z], dtype=torch.float64)).item() == pytest.approx(f(z), abs=1e-14)


def test_a_question_looks_back_in_steps_of_one() -> None:
    seen = observations(torch.tensor([0.0, 10.0], dtype=torch.float64), 3)
    np.testing.assert_allclose(seen, [[f(0), f(-1), f(-2)], [f(10), f(9), f(8)]], atol=1e-14)


def test_inputs_are_scaled_and_padded_with_zeros() -> None:
    task = Inverse("t", [2, 3])
    z = torch.tensor([0.0, 10.0], dtype=torch.float64)
    batch = task.pose(z, torch.tensor([3, 2]), 0.0, torch.Generator())
    back = batch.inputs[..., 0] * task.deviation + task.mean
    np.testing.assert_allclose(back[0], [f(0), f(-1), f(-2)], atol=1e-12)
    np.testing.assert_allclose(back[1, :2], [f(10), f(9)], atol=1e-12)
    assert batch.inputs[1, 2].tolist() == [0]
    assert batch.targets.tolist() == [[0], [10]]


@pytest.mark.parametrize("lengths", [[3], [2, 3, 4]])
def test_scaled_inputs_have_mean_0_and_deviation_1(lengths: list[int]) -> None:
    batch = Inverse("t", lengths).sample(40_000, generator(0, "train_data"))
    seen = batch.inputs[..., 0][batch.mask]
    assert abs(seen.mean().item()) < 0.015
    assert seen.std().item() == pytest.approx(1, abs=0.01)


def test_lengths_are_equally_likely_and_targets_uniform() -> None:
    batch = Inverse("t", [2, 3, 4]).sample(30_000, generator(1, "train_data"))
    counts = torch.bincount(batch.lengths, minlength=5)[2:] / 30_000
    np.testing.assert_allclose(counts, [1 / 3] * 3, atol=0.015)
    assert (batch.targets.min().item(), batch.targets.max().item()) == pytest.approx((0, 10), abs=0.01)
    assert batch.targets.mean().item() == pytest.approx(5, abs=0.06)


def brute_force(task: Inverse, batch: Batch) -> np.ndarray:
    """The posterior mean by importance sampling from the prior, one question at a time."""
    z = np.random.default_rng(0).uniform(0, 10, 600_000)
    known = np.stack([f(z - k) for k in range(task.max_length)], 1)
    answers = []
    for inputs, length in zip(batch.inputs[..., 0].numpy(), batch.lengths.tolist(), strict=True):
        seen = inputs[:length] * task.deviation + task.mean
        weights = np.exp(-((known[:, :length] - seen) ** 2).sum(1) / (2 * 0.1**2))
        answers.append((weights @ z) / weights.sum())
    return np.array(answers)


@pytest.mark.parametrize(("length", "low", "high"), [(2, 1.2, 1.6), (3, 0.01, 0.06), (4, 0.0008, 0.0016)])
def test_the_floor_is_that_of_a_monte_carlo_estimate(length: int, low: float, high: float) -> None:
    task = Inverse("t", [length])
    few = task.sample(50, generator(2, "validation_data"))
    np.testing.assert_allclose(task.posterior_mean(few), brute_force(task, few), atol=0.08 if length < 4 else 0.03)
    batch = task.sample(20_000, generator(3, "validation_data"))
    level = task.reference_levels(batch, batch)["floor"]
    assert low < level.loss < high
    assert level.score == pytest.approx(level.loss**0.5)


@pytest.mark.parametrize(("noise", "low", "high"), [(0.1, 0, 10), (0.0, 0, 10), (1.5, -20, 30)])
def test_the_best_answer_weighs_every_z_with_its_likelihood(noise: float, low: float, high: float) -> None:
    task = Inverse("t", [1, 2, 5])
    batch, z = task.sample(100, generator(4, "validation_data")), np.linspace(low, high, 1001)
    spread = max(noise, 3.5 * (high - low) / 1000)
    seen = batch.inputs[..., 0].numpy() * task.deviation + task.mean
    distances = np.stack([f(z - k) for k in range(5)])[:, None, :] - seen.T[:, :, None]
    squares = (distances**2 * batch.mask.numpy().T[:, :, None]).sum(0)
    weights = np.exp((squares.min(1, keepdims=True) - squares) / (2 * spread**2))
    expected = (weights @ z) / weights.sum(1)
    np.testing.assert_allclose(task.posterior_mean(batch, noise, (low, high)), expected, rtol=0, atol=1e-10)


def test_padding_does_not_change_the_best_answer() -> None:
    task = Inverse("t", [2, 3])
    batch = task.sample(50, generator(0, "train_data"))
    np.testing.assert_allclose(task.posterior_mean(batch.pad(7)), task.posterior_mean(batch), atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ({"lengths": []}, "lengths"),
        ({"lengths": [0]}, "lengths"),
        ({"noise": -1}, "noise"),
        ({"targets": [3, 3]}, "targets"),
        ({"targets": [4, 3]}, "targets"),
        ({"lengths": "3"}, "lengths"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{key}="):
        Inverse("t", **arguments)
