"""Extract the automaton that a network computes, and compare it with the true turnstile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.checks import integer
from seqprobe.figures import Machine
from seqprobe.probes.bands import variation
from seqprobe.probes.extraction import TRUE, Transitions, Word, WordOracle, difference, learn_automaton, machine_answers
from seqprobe.probes.probe import Members, Probe, checked_list, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.turnstile_probes import VARIED, trained_interval
from seqprobe.scoring import Score
from seqprobe.tasks.turnstile import ANSWERS, STATES, SYMBOLS, Turnstile

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Automaton(Probe[Turnstile]):
    """The smallest automaton that answers as the network does.

    Measures ``states``, ``equivalent`` (1 if it is the true turnstile) and, for each length, ``fidelity``: the share of
    steps of new random sequences at which automaton and network give the same answer.

    Args:
        lengths: steps in the sequences by which fidelity is measured.
        size: sequences for each length and member.
        words, word_length: random words among which counterexamples are searched.
        rounds: at most so many rounds of learning; the automaton of the last one is reported.
    """

    scores = (Score("equivalent", "higher"), Score("fidelity", "higher"), Score("states", None))

    def __init__(
        self,
        lengths: Sequence[Any] = (20, 200),
        size: int = 50,
        words: int = 300,
        word_length: int = 30,
        rounds: int = 12,
    ) -> None:
        self.lengths, self.size = checked_list("lengths", lengths, integer), integer("size", size)
        self.words, self.word_length = integer("words", words), integer("word_length", word_length)
        self.rounds = integer("rounds", rounds)

    def run(self, members: Members, task: Turnstile, seeds: Sequence[int]) -> ProbeResult:
        batch = sample_for_seeds(seeds, partial(task.pose, self.words, self.word_length, task.coin_probability))
        words, logits = batch.inputs.argmax(-1).numpy(), members.predict(batch)
        network = WordOracle(members)
        automata = [
            learn_automaton(network, member, words[member], logits[member].argmax(-1), self.rounds)
            if np.isfinite(logits[member]).all()
            else None
            for member in range(len(seeds))
        ]
        fidelity = np.stack([self._fidelity(members, task, seeds, automata, length) for length in self.lengths], 1)
        machines = np.empty(len(seeds), dtype=object)
        machines[:] = [automaton and (automaton,) for automaton in automata]  # in a tuple, or numpy would unpack it
        return ProbeResult(
            [str(length) for length in self.lengths],
            {"fidelity": fidelity},
            {"machines": machines},
            transition_table(seeds, automata),
            overall={
                "states": np.array([np.nan if machine is None else len(machine) for machine in automata]),
                "equivalent": np.array([np.nan if machine is None else float(machine == TRUE) for machine in automata]),
            },
            **variation(VARIED["length"], self.lengths, trained_interval(task, "length"), self.reach),
        )

    def during_training(self) -> None:
        """None: before they have learned, networks need the most queries and have no meaningful automaton."""

    def draw(self, result: ProbeResult, task: Turnstile, title: str) -> Figure:
        automata = [machine and machine[0] for machine in result.arrays["machines"]]
        kinds = sorted({machine for machine in automata if machine is not None}, key=lambda kind: -automata.count(kind))
        fidelity = result.scores["fidelity"].mean(1)
        machines = [drawn_machine(kind, caption(kind, automata, fidelity)) for kind in kinds[:2]]
        return figures.automata(machines, title, len(automata) - sum(automata.count(kind) for kind in kinds[:2]))

    def _fidelity(
        self,
        members: Members,
        task: Turnstile,
        seeds: Sequence[int],
        automata: Sequence[Transitions | None],
        length: int,
    ) -> np.ndarray:
        """The share of steps at which each member's automaton answers as the member does, ``(seeds,)``."""

        def new_sequences(source: torch.Generator) -> Batch:
            task.pose(self.words, self.word_length, task.coin_probability, source)  # skip the words of learning
            return task.pose(self.size, length, task.coin_probability, source)

        batch = sample_for_seeds(seeds, new_sequences)
        symbols, answers = batch.inputs.argmax(-1).numpy(), members.predict(batch).argmax(-1)
        shares = [
            np.nan if machine is None else (machine_answers(machine, words) == answered).mean()
            for machine, words, answered in zip(automata, symbols, answers, strict=True)
        ]
        return np.array(shares)


def caption(kind: Transitions, automata: Sequence[Transitions | None], fidelity: np.ndarray) -> str:
    """How many seeds have this automaton, and how it compares with the network and with the true turnstile."""
    seeds = [index for index, machine in enumerate(automata) if machine == kind]
    counts = f"{len(seeds)} of {len(automata)} seeds: {len(kind)} states, fidelity {fidelity[seeds].min():.4g}"
    word = difference(kind)
    comparison = (
        "equivalent to the true turnstile" if word is None else f"differs from the true one on {word_text(word)}"
    )
    return f"{counts}, {comparison}"


def word_text(word: Word | None) -> str:
    """A word's symbols by name, separated by spaces; empty for None."""
    return "" if word is None else " ".join(SYMBOLS[symbol] for symbol in word)


def drawn_machine(automaton: Transitions, caption: str) -> Machine:
    """An automaton as its figure takes it; states are named if it is the true turnstile."""
    names = STATES if automaton == TRUE else [f"q{index}" for index in range(len(automaton))]
    edges = [
        (state, target, f"{SYMBOLS[symbol]} / {ANSWERS[answer]}", answer == ANSWERS.index("WALK"))
        for state, row in enumerate(automaton)
        for symbol, (answer, target) in enumerate(row)
    ]
    return Machine(list(names), edges, caption)


def transition_table(seeds: Sequence[int], automata: Sequence[Transitions | None]) -> pd.DataFrame:
    """One row per seed and transition; ``counterexample`` is empty for an automaton that is the true turnstile."""
    rows = [
        (seed, state, SYMBOLS[symbol], ANSWERS[answer], target, word_text(difference(machine)))
        for seed, machine in zip(seeds, automata, strict=True)
        if machine is not None
        for state, row in enumerate(machine)
        for symbol, (answer, target) in enumerate(row)
    ]
    return pd.DataFrame(rows, columns=["seed", "state", "input", "answer", "next_state", "counterexample"])
