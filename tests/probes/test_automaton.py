"""The automaton extracted from what computes a known one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.probes.automaton import Automaton, word_text
from seqprobe.probes.extraction import TRUE, Transitions, difference, machine_answers
from seqprobe.probes.probe import ProbeResult
from seqprobe.tasks.turnstile import Turnstile

TASK = Turnstile("turnstile", 0.5, 20)
ONE_COIN: Transitions = (((0, 1), (0, 0)), ((0, 1), (1, 0)))
NEVER: Transitions = (((0, 0), (0, 0)),)
FOUR: Transitions = (((0, 1), (0, 0)), ((0, 2), (0, 1)), ((0, 3), (0, 2)), ((0, 3), (1, 0)))


class Machines:
    """Members that are automata; None for one that diverged."""

    def __init__(self, machines: Sequence[Transitions | None]) -> None:
        self.machines = machines

    def predict(self, batch: Batch) -> np.ndarray:
        symbols = batch.inputs.argmax(-1).numpy()
        each = symbols if symbols.ndim == 3 else np.broadcast_to(symbols, (len(self.machines), *symbols.shape))
        shape = (*each.shape[1:], 2)
        return np.stack(
            [
                np.full(shape, np.nan) if machine is None else np.eye(2)[machine_answers(machine, own)]
                for machine, own in zip(self.machines, each, strict=True)
            ]
        )

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        raise AssertionError("a black box is not looked into")

    def untrained_members(self) -> Machines:
        raise AssertionError("a black box has no past")


def extract(*machines: Transitions | None, seeds: Sequence[int] | None = None) -> ProbeResult:
    return Automaton().run(Machines(machines), TASK, seeds or list(range(len(machines))))


def test_the_exact_machine_has_three_states_and_is_the_true_one() -> None:
    result = extract(TRUE)
    assert result.overall["states"].tolist() == [3]
    assert result.overall["equivalent"].tolist() == [1]
    assert result.scores["fidelity"].tolist() == [[1, 1]]
    assert set(result.table["counterexample"]) == {""}
    assert len(result.table) == 6


@pytest.mark.parametrize(
    ("machine", "states", "word"),
    [(ONE_COIN, 2, "coin push"), (NEVER, 1, "coin coin push"), (FOUR, 4, "coin coin push")],
)
def test_another_machine_is_told_with_the_shortest_counterexample(machine: Transitions, states: int, word: str) -> None:
    result = extract(machine)
    assert result.overall["states"].tolist() == [states]
    assert result.overall["equivalent"].tolist() == [0]
    assert result.scores["fidelity"].tolist() == [[1, 1]]
    assert set(result.table["counterexample"]) == {word}
    symbols = np.array([[["coin", "push"].index(each) for each in word.split()]])
    assert machine_answers(machine, symbols)[0].tolist() != machine_answers(TRUE, symbols)[0].tolist()


def test_the_shortest_difference_is_found() -> None:
    assert difference(TRUE) is None
    assert word_text(difference(ONE_COIN)) == "coin push"
    for length in range(1, 3):  # nothing shorter tells the four-state machine
        words = np.array(list(np.ndindex(*[2] * length)))
        assert (machine_answers(FOUR, words) == machine_answers(TRUE, words)).all()


def test_a_member_that_diverged_has_none_and_the_others_do_not_notice() -> None:
    together = extract(ONE_COIN, None, TRUE, seeds=[4, 9, 2])
    assert together.overall["states"].tolist() == pytest.approx([2, np.nan, 3], nan_ok=True)
    np.testing.assert_array_equal(together.scores["fidelity"], [[1, 1], [np.nan] * 2, [1, 1]])
    alone = extract(TRUE, seeds=[2])
    assert alone.overall["states"].tolist() == together.overall["states"][2:].tolist()
    assert set(together.table["seed"]) == {4, 2}
    metrics = together.all_scores("automaton")
    assert {"probe/automaton/states", "probe/automaton/equivalent", "probe/automaton/200/fidelity"} <= set(metrics)


def test_what_is_no_small_automaton_is_given_up_on() -> None:
    """A member that walks at every prime number of coins has no end of states."""
    primes = torch.tensor([2, 3, 5, 7, 11, 13, 17, 19, 23, 29])

    class Primes(Machines):
        def predict(self, batch: Batch) -> np.ndarray:
            coins = batch.inputs[..., 0].cumsum(-1)
            prime = torch.isin(coins.long(), primes).long()
            logits = torch.nn.functional.one_hot(prime, 2).double()
            return (logits if batch.inputs.dim() == 4 else logits.unsqueeze(0)).numpy()

    result = Automaton(rounds=2).run(Primes([TRUE]), TASK, [0])
    assert result.overall["equivalent"].tolist() == [0]
    assert result.scores["fidelity"][0, 1] < 1


def test_the_figure_counts_seeds_by_automaton() -> None:
    result = extract(TRUE, ONE_COIN, TRUE, NEVER)
    drawing = Automaton().draw(result, TASK, "title")
    captions = [axes.get_title(loc="left") for axes in drawing.axes]
    assert captions[0] == "2 of 4 seeds: 3 states, fidelity 1, equivalent to the true turnstile"
    assert captions[1].startswith("1 of 4 seeds:")
    assert "differs from the true one on coin" in captions[1]
    assert "1 more seeds" in drawing.get_supxlabel()
    written = {text.get_text() for text in drawing.axes[0].texts}
    assert {"locked", "one coin", "unlocked", "push / WALK"} <= written
