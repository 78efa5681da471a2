"""The automaton of a black box, by Angluin's L* (1987), as AALpy implements it for Mealy machines.

L* queries the network's answers to words and builds the smallest machine that agrees with all of them; random words on
which machine and network differ are counterexamples, from which it goes on.
"""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any

import numpy as np
import torch
from aalpy.base import SUL, Oracle
from aalpy.learning_algs import run_Lstar

from seqprobe.probes.probe import Members
from seqprobe.tasks.turnstile import ANSWER, NEXT, STATES, SYMBOLS, one_hot

SHORT = 8
"""All words of this length are answered in one batch before learning starts: one query at a time is slow."""
Word = tuple[int, ...]
Transitions = tuple[tuple[tuple[int, int], ...], ...]
"""For each state, in the order in which a breadth-first search meets them, and symbol: answer and next state."""

TRUE: Transitions = tuple(
    tuple((int(ANSWER[state, symbol]), int(NEXT[state, symbol])) for symbol in range(len(SYMBOLS)))
    for state in range(len(STATES))
)


class WordOracle:
    """Answers of all members to words, each of which the networks read once."""

    def __init__(self, members: Members) -> None:
        self.members = members
        words = torch.tensor(list(itertools.product(range(len(SYMBOLS)), repeat=SHORT)))
        answers = members.predict(one_hot(words)).argmax(-1)
        self.answers = {tuple(word): answers[:, row] for row, word in enumerate(words.tolist())}

    def answer(self, member: int, word: Word) -> list[int]:
        """One member's answer at every step of a word."""
        longer = word + (0,) * (SHORT - len(word))  # an answer depends on earlier symbols alone
        if longer not in self.answers:
            self.answers[longer] = self.members.predict(one_hot(torch.tensor([longer]))).argmax(-1)[:, 0]
        return [int(answer) for answer in self.answers[longer][member][: len(word)]]


class BlackBox(SUL):  # type: ignore[misc]  # AALpy has no types
    """One member as the system under learning (SUL) that AALpy queries."""

    def __init__(self, network: WordOracle, member: int) -> None:
        super().__init__()
        self.network, self.member = network, member

    def query(self, word: Word) -> list[int]:
        return self.network.answer(self.member, tuple(word))

    def pre(self) -> None:
        self.prefix: Word = ()

    def post(self) -> None:
        return

    def step(self, letter: int) -> int:
        self.prefix = (*self.prefix, letter)
        return self.network.answer(self.member, self.prefix)[-1]


class RandomWords(Oracle):  # type: ignore[misc]  # AALpy has no types
    """Finds counterexamples: the shortest prefix of given words on which an automaton and the network differ."""

    def __init__(self, box: BlackBox, words: np.ndarray, answers: np.ndarray) -> None:
        super().__init__(list(range(len(SYMBOLS))), box)
        self.words, self.answers = words, answers

    def find_cex(self, hypothesis: Any) -> Word | None:
        differ = machine_answers(transitions(hypothesis), self.words) != self.answers
        if not differ.any():
            return None
        first = np.where(differ.any(1), differ.argmax(1), differ.shape[1])
        row = int(first.argmin())
        return tuple(int(symbol) for symbol in self.words[row, : first[row] + 1])


def learn_automaton(
    network: WordOracle, member: int, words: np.ndarray, answers: np.ndarray, rounds: int
) -> Transitions:
    """The automaton of one member, by L*."""
    box = BlackBox(network, member)
    alphabet = list(range(len(SYMBOLS)))
    oracle = RandomWords(box, words, answers)
    machine = run_Lstar(alphabet, box, oracle, "mealy", max_learning_rounds=rounds, print_level=0)
    return transitions(machine)


def transitions(mealy: Any) -> Transitions:
    """The transitions of an AALpy machine, states in breadth-first order: equal for equivalent minimal machines."""
    order, waiting = {mealy.initial_state.state_id: 0}, deque([mealy.initial_state])
    rows = []
    while waiting:
        state, row = waiting.popleft(), []
        for symbol in range(len(SYMBOLS)):
            following = state.transitions[symbol]
            if following.state_id not in order:
                order[following.state_id] = len(order)
                waiting.append(following)
            row.append((int(state.output_fun[symbol]), order[following.state_id]))
        rows.append(tuple(row))
    return tuple(rows)


def machine_answers(machine: Transitions, symbols: np.ndarray) -> np.ndarray:
    """The automaton's answers to words ``(n, time)``."""
    table = np.array(machine)
    state, answers = np.zeros(len(symbols), dtype=int), np.empty(symbols.shape, dtype=int)
    for step, symbol in enumerate(symbols.T):
        answers[:, step], state = table[state, symbol].T
    return answers


def difference(machine: Transitions) -> Word | None:
    """The shortest word on which an automaton and the true turnstile answer differently, or None if there is none."""
    # Breadth-first search through pairs of states (Hopcroft and Karp, 1971): each pair is visited once.
    seen, waiting = {(0, 0)}, deque[tuple[tuple[int, int], Word]]([((0, 0), ())])
    while waiting:
        (state, true), word = waiting.popleft()
        for symbol in range(len(SYMBOLS)):
            (answer, next_state), (true_answer, true_next) = machine[state][symbol], TRUE[true][symbol]
            if answer != true_answer:
                return (*word, symbol)
            if (next_state, true_next) not in seen:
                seen.add((next_state, true_next))
                waiting.append(((next_state, true_next), (*word, symbol)))
    return None
