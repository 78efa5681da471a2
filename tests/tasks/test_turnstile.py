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
    """It gives each step its own probability of WALK: none at first, for the turnstile starts locked."""
    task = Turnstile("t", 0.5, 20)
    train, val = (task.sample(20_000, generator(0, name)) for name in ("train_data", "validation_data"))
    level = task.reference_levels(train, val)["constant"]
    states, walks = torch.tensor([1.0, 0, 0]), []
    for _ in range(20):
        walks.append(states[2].item() / 2)
        states = torch.stack([(states[0] + states[2]) / 2, (states[0] + states[1]) / 2, (states[1] + states[2]) / 2])
    walk = torch.tensor(walks)
    expected = torch.special.entr(walk) + torch.special.entr(1 - walk)
    assert level.score == pytest.approx(1 - walk.mean().item(), abs=0.002)
    assert level.loss == pytest.approx(expected.mean().item(), abs=0.003)


@pytest.mark.parametrize("value", [-0.1, 1.2, [0.5, 1.5], "x"])
def test_a_probability_is_one(value: object) -> None:
    with pytest.raises(InvalidValue, match=r"^coin_probability="):
        Turnstile("t", value)
