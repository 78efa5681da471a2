"""Extract the automaton that a network computes, and compare it with the true turnstile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.checks import integer
from seqprobe.figures import Machine
from seqprobe.probes.extraction import TRUE, Transitions, Word, WordOracle, difference, learned, operated
from seqprobe.probes.probe import Members, Probe, checked_list, distances_outside, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.turnstile_probes import VARIED, trained
from seqprobe.tasks.turnstile import ANSWERS, STATES, SYMBOLS, Turnstile

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Automaton(Probe[Turnstile]):
    """The least automaton that answers as the network does.

    Measures ``states``, ``equivalent`` (1 if it is the true turnstile) and, for each length, ``fidelity``: the share of
    steps of new random sequences at which automaton and network answer alike.

    Args:
        lengths: of the sequences by which fidelity is measured.
        size: of them, for each length and member.
        words, word_length: random words on which a learned automaton has to answer as the network.
        rounds: most times that it is mended; what it is then, is reported.
    """

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
        asked = sample_for_seeds(seeds, partial(task.pose, self.words, self.word_length, task.coin_probability))
        tested, answered = asked.inputs.argmax(-1).numpy(), members.predict(asked)
        network = WordOracle(members)
        found = [
            learned(network, member, tested[member], answered[member].argmax(-1), self.rounds)
            if np.isfinite(answered[member]).all()
            else None
            for member in range(len(seeds))
        ]
        fidelity = np.stack([self._fidelity(members, task, seeds, found, length) for length in self.lengths], 1)
        overall = {
            "states": np.array([np.nan if each is None else len(each) for each in found]),
            "equivalent": np.array([np.nan if each is None else float(each == TRUE) for each in found]),
        }
        machines = np.empty(len(seeds), dtype=object)
        machines[:] = [None if each is None else (each,) for each in found]  # in a tuple, or numpy would unpack it
        labels = [str(length) for length in self.lengths]
        return ProbeResult(
            labels,
            {"fidelity": fidelity},
            {"machines": machines},
            transition_table(seeds, found),
            overall,
            VARIED["length"],
            distances_outside(self.lengths, trained(task, "length")),
        )

    def during_training(self) -> None:
        """Nothing: before they have learned, networks take the most questions and have no automaton worth its name."""

    def draw(self, result: ProbeResult, task: Turnstile, title: str) -> Figure:
        found = [None if each is None else each[0] for each in result.arrays["machines"]]
        fidelity = result.scores["fidelity"].mean(1)
        kinds = sorted({each for each in found if each is not None}, key=lambda each: -found.count(each))
        shown = []
        for kind in kinds[:2]:
            own = [index for index, each in enumerate(found) if each == kind]
            said = f"{len(own)} of {len(found)} seeds: {len(kind)} states, fidelity {fidelity[own].min():.4g}"
            word = difference(kind)
            rest = (
                "equivalent to the true turnstile" if word is None else f"differs from the true one on {spelled(word)}"
            )
            shown.append(machine(kind, f"{said}, {rest}"))
        return figures.automata(shown, title, len(found) - sum(found.count(kind) for kind in kinds[:2]))

    def _fidelity(
        self, members: Members, task: Turnstile, seeds: Sequence[int], found: Sequence[Transitions | None], length: int
    ) -> np.ndarray:
        def fresh(source: torch.Generator) -> Any:
            task.pose(self.words, self.word_length, task.coin_probability, source)  # past the words of learning
            return task.pose(self.size, length, task.coin_probability, source)

        asked = sample_for_seeds(seeds, fresh)
        symbols, answers = asked.inputs.argmax(-1).numpy(), members.predict(asked).argmax(-1)
        alike = [
            np.nan if each is None else (operated(each, own) == given).mean()
            for each, own, given in zip(found, symbols, answers, strict=True)
        ]
        return np.array(alike)


def spelled(word: Word | None) -> str:
    """A word in words."""
    return "" if word is None else " ".join(SYMBOLS[symbol] for symbol in word)


def machine(found: Transitions, caption: str) -> Machine:
    """What a figure needs of an automaton; states are named if it is the true turnstile."""
    names = STATES if found == TRUE else [f"q{index}" for index in range(len(found))]
    edges = [
        (state, target, f"{SYMBOLS[symbol]} / {ANSWERS[answer]}", answer == ANSWERS.index("WALK"))
        for state, row in enumerate(found)
        for symbol, (answer, target) in enumerate(row)
    ]
    return Machine(list(names), edges, caption)


def transition_table(seeds: Sequence[int], found: Sequence[Transitions | None]) -> pd.DataFrame:
    """One row per seed and transition; ``counterexample`` is empty for an automaton that is the true turnstile."""
    rows = [
        (seed, state, SYMBOLS[symbol], ANSWERS[answer], target, spelled(difference(each)))
        for seed, each in zip(seeds, found, strict=True)
        if each is not None
        for state, row in enumerate(each)
        for symbol, (answer, target) in enumerate(row)
    ]
    return pd.DataFrame(rows, columns=["seed", "state", "input", "answer", "next_state", "counterexample"])
