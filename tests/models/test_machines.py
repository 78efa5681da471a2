"""The networks written by hand do what they were written for, exactly and for any number of steps."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.models.engines import build_population
from seqprobe.models.machines import Counter, HandWritten, TurnstileMachine
from seqprobe.models.member import build_member
from seqprobe.models.population import Population
from seqprobe.tasks.turnstile import operate

LOCKED, ONE_COIN, UNLOCKED = range(3)
each_machine = pytest.mark.parametrize("machine", [TurnstileMachine, Counter])
each_engine = pytest.mark.parametrize("engine", ["stacked", "looped"])


def trained_numbers(population: Population) -> int:
    """How many numbers of one member are trained."""
    return sum(shape.numel() for shape in population.layout.values())


def built(machine: type[HandWritten]) -> Any:
    return build_member(partial(machine, 2, 2, "seq2seq", 20), 0)


def asked(symbols: Tensor) -> tuple[Tensor, Tensor]:
    """One-hot inputs and lengths for ``symbols (..., n, time)``, 0 a coin and 1 a push."""
    return torch.stack([symbols == 0, symbols == 1], -1).float(), torch.full(symbols.shape[:-1], symbols.shape[-1])


def spelled(text: str) -> Tensor:
    return torch.tensor([["cp".index(letter) for letter in text]])


def drawn(n: int, time: int) -> Tensor:
    """Coins and pushes, of which the share of coins differs from sequence to sequence."""
    generator = torch.Generator().manual_seed(0)
    share = torch.linspace(0.02, 0.98, n).unsqueeze(1)
    return (torch.rand(n, time, generator=generator) > share).long()


@pytest.mark.parametrize(
    ("text", "walks"),
    [
        ("pccpp", [0, 0, 0, 1, 0]),
        ("cpccp", [0, 0, 0, 0, 1]),
        ("cpcp", [0, 0, 0, 1]),
        ("ppp", [0, 0, 0]),
        ("cccccp", [0, 0, 0, 0, 0, 1]),
        ("ccpcpcp", [0, 0, 1, 0, 0, 0, 1]),
    ],
)
def test_the_turnstile_walks_when_it_should(text: str, walks: list[int]) -> None:
    outputs = built(TurnstileMachine)(*asked(spelled(text)))
    assert outputs.tolist() == [[[20, 40 * walk] for walk in walks]]


def test_the_turnstile_is_exact_on_sequences_of_20_000_steps() -> None:
    symbols = drawn(50, 20_000)
    answers, states = operate(symbols)
    machine = built(TurnstileMachine)
    with torch.no_grad():
        outputs, traced = machine(*asked(symbols)), machine.trace(*asked(symbols))
    assert torch.equal(outputs, torch.stack([torch.full(answers.shape, 20.0), 40.0 * answers], -1))
    losses = torch.nn.functional.cross_entropy(outputs.double().flatten(0, 1), answers.flatten(), reduction="none")
    assert losses.max() < 3e-9
    assert 0 < answers.float().mean() < 0.5
    before = torch.cat([torch.full((50, 1), LOCKED), states[:, :-1]], 1)
    units = torch.nn.functional.one_hot(2 * before + symbols, 6)
    assert list(traced) == ["0.hidden"]
    assert torch.equal(traced["0.hidden"], units.float())


def test_the_counter_counts_coins_and_pushes() -> None:
    machine = built(Counter)
    traced = machine.trace(*asked(spelled("pccpp")))
    assert list(traced) == ["0.hidden"]
    assert traced["0.hidden"].tolist() == [[[0, 1], [1, 1], [2, 1], [2, 2], [2, 3]]]
    inputs, lengths = asked(drawn(5, 20_000))
    with torch.no_grad():
        assert torch.equal(machine.trace(inputs, lengths)["0.hidden"], inputs.cumsum(1))
        assert machine(inputs, lengths).unique(dim=1).tolist() == [[[20, 0]]] * 5


@each_machine
def test_no_seed_and_no_generator_changes_the_weights(machine: type[HandWritten]) -> None:
    first, second = (build_member(partial(machine, 2, 2, "seq2seq", 20), seed) for seed in (0, 7))
    torch.manual_seed(3)
    for parameter in second.parameters():
        torch.nn.init.normal_(parameter)
    generator = torch.Generator().manual_seed(5)
    state = generator.get_state()
    second.reset_parameters(generator)
    assert torch.equal(generator.get_state(), state)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(("machine", "parameters"), [(TurnstileMachine, 68), (Counter, 16)])
@each_engine
def test_every_member_of_a_population_is_the_machine(engine: str, machine: type[HandWritten], parameters: int) -> None:
    members = build_population(partial(machine, 2, 2, "seq2seq", 20), [0, 1, 2], engine)
    symbols = drawn(6, 30).view(3, 2, 30)
    outputs, traced = members(*asked(symbols)), members.trace(*asked(symbols))
    assert trained_numbers(members) == parameters
    for member in range(3):
        alone = built(machine)
        assert torch.equal(outputs[member], alone(*asked(symbols[member])))
        assert torch.equal(traced["0.hidden"][member], alone.trace(*asked(symbols[member]))["0.hidden"])


@each_engine
def test_a_disturbed_machine_can_be_trained(engine: str) -> None:
    members = build_population(partial(TurnstileMachine, 2, 2, "seq2seq", 20), [0, 1], engine)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for view in members.named_views(members.weights).values():
            view += 0.03 * torch.randn(view.shape, generator=generator)
    symbols = drawn(80, 30).view(2, 40, 30)
    inputs, lengths = asked(symbols)
    batch = Batch(inputs, torch.stack([operate(own)[0] for own in symbols]), lengths)

    def loss(outputs: Tensor, own: Batch) -> Tensor:
        losses = torch.nn.functional.cross_entropy(outputs.movedim(-1, 1), own.targets, reduction="none")
        return losses.mean((1, 2))

    optimizer = torch.optim.Adam([members.weights], lr=0.003)
    first = members.backward(loss, batch)
    for _ in range(60):
        members.backward(loss, batch)
        optimizer.step()
    assert first.min() > 0.005
    assert (members.backward(loss, batch) < 0.01 * first).all()


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((1, 2, "seq2seq"), "1 inputs, 2 outputs, seq2seq"),
        ((2, 1, "seq2seq"), "2 inputs, 1 outputs, seq2seq"),
        ((2, 2, "seq2vec"), "2 inputs, 2 outputs, seq2vec"),
    ],
)
@each_machine
def test_another_task_is_refused(machine: type[HandWritten], sizes: tuple[int, int, str], shown: str) -> None:
    with pytest.raises(InvalidValue, match=f"{machine.__name__}: is written for task=turnstile, not for {shown}"):
        machine(*sizes, 20)
