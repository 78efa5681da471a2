"""A symbol, then a lag."""

from __future__ import annotations

import math

import pytest
import torch

from seqprobe.seeds import generator
from seqprobe.tasks.remember import Remember


@pytest.mark.parametrize(("symbols", "distractors"), [(4, 1), (3, 5)])
def test_the_first_step_names_the_class_and_the_others_are_distractors(symbols: int, distractors: int) -> None:
    task = Remember("t", lag=6, symbols=symbols, distractors=distractors)
    batch = task.sample(400, generator(0, "train_data"))
    assert batch.inputs.shape == (400, 7, symbols + distractors)
    shown = batch.inputs.argmax(-1)
    assert shown[:, 0].tolist() == batch.targets.tolist()
    assert set(shown[:, 0].tolist()) == set(range(symbols))
    assert set(shown[:, 1:].flatten().tolist()) == set(range(symbols, symbols + distractors))
    assert batch.inputs.sum(-1).unique().tolist() == [1]
    assert batch.lengths.unique().tolist() == [7]


def test_guessing_is_the_constant_predictor() -> None:
    task = Remember("t", lag=2)
    train, val = (task.sample(4_000, generator(0, name)) for name in ("train_data", "validation_data"))
    level = task.reference_levels(train, val)["constant"]
    assert level.score == pytest.approx(0.25, abs=0.03)
    assert level.loss == pytest.approx(torch.tensor(4.0).log().item(), abs=0.01)


def test_chance_is_one_symbol_of_all() -> None:
    batch = Remember("remember", symbols=8).sample(50, torch.Generator().manual_seed(0))
    level = Remember("remember", symbols=8).reference_levels(batch, batch)["chance"]
    assert (level.score, level.loss) == (1 / 8, pytest.approx(math.log(8)))
