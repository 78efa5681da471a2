"""The turnstile's whole transition table, and random sequences against a second implementation."""

from __future__ import annotations

import pytest
import torch

from seqprobe.checks import InvalidValue
from seqprobe.seeds import generator
from seqprobe.tasks.turnstile import ANSWERS, STATES, SYMBOLS, Turnstile, operate

TABLE = {
    ("locked", "coin"): ("WAIT", "one coin"),
    ("locked", "push"): ("WAIT", "locked"),
    ("one coin", "coin"): ("WAIT", "unlocked"),
    ("one coin", "push"): ("WAIT", "one coin"),
    ("unlocked", "coin"): ("WAIT", "unlocked"),
    ("unlocked", "push"): ("WALK", "locked"),
}
WAY = {"locked": [], "one coin": ["coin"], "unlocked": ["coin", "coin"]}


@pytest.mark.parametrize(("state", "symbol"), TABLE)
def test_every_transition(state: str, symbol: str) -> None:
    word = [*WAY[state], symbol]
    answers, states = operate(torch.tensor([[SYMBOLS.index(each) for each in word]]))
    assert (ANSWERS[answers[0, -1]], STATES[states[0, -1]]) == TABLE[state, symbol]


@pytest.mark.parametrize(
    ("word", "answers"),
    [("p c c p p", "WAIT WAIT WAIT WALK WAIT"), ("c p c c p", "WAIT WAIT WAIT WAIT WALK")],
)
def test_the_worked_examples(word: str, answers: str) -> None:
    symbols = torch.tensor([["cp".index(letter) for letter in word.split()]])
    assert [ANSWERS[answer] for answer in operate(symbols)[0][0]] == answers.split()


def test_random_sequences_against_the_table() -> None:
    batch = Turnstile("t", 0.4, 60).sample(40, generator(0, "train_data"))
    for inputs, targets in zip(batch.inputs, batch.targets, strict=True):
        state = "locked"
        for symbol, target in zip(inputs.argmax(-1).tolist(), targets.tolist(), strict=True):
            answer, state = TABLE[state, SYMBOLS[symbol]]
            assert ANSWERS[target] == answer


def test_coins_come_as_often_as_asked() -> None:
    batch = Turnstile("t", 0.3, 50).sample(2_000, generator(0, "train_data"))
    assert batch.inputs[..., 0].mean().item() == pytest.approx(0.3, abs=0.006)
    mixed = Turnstile("t", [0.1, 0.9], 200).sample(2_000, generator(0, "train_data")).inputs[..., 0].mean(1)
    assert mixed.mean().item() == pytest.approx(0.5, abs=0.02)
    assert (mixed.min().item() < 0.15, mixed.max().item() > 0.85) == (True, True)


def test_always_waiting_is_the_constant_predictor() -> None:
    task = Turnstile("t", 0.5, 2_000)
    batch = task.sample(20, generator(0, "train_data"))
    level = task.reference_levels(batch, batch)["constant"]
    assert level.score == pytest.approx(5 / 6, abs=0.005)
    share = level.score
    expected = -(share * torch.tensor(share).log() + (1 - share) * torch.tensor(1 - share).log()).item()
    assert level.loss == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("value", [-0.1, 1.2, [0.5, 1.5], "x"])
def test_a_probability_is_one(value: object) -> None:
    with pytest.raises(InvalidValue, match=r"^coin_probability="):
        Turnstile("t", value)
