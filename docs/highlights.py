"""The three findings in README: a sentence with its numbers, and a figure each."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

Key = tuple[str, str]
"""A claim and its part."""
SINES, SPEED = "post0/sine/large_sines_are_cut", "post1/speed/lstm_is_twice_as_fast"
GATES = "post2/cell_state/input_gate_opens_for_france_alone"


@dataclass(frozen=True)
class Highlight:
    """A finding.

    Attributes:
        figure: the name of a picture in docs/images/reproduction.
        shows: what it shows, in words.
        sentence: the finding, with ``{}`` for each number.
        numbers: the parts of claims whose medians these are.
    """

    figure: str
    shows: str
    sentence: str
    numbers: tuple[Key, ...]


HIGHLIGHTS = (
    Highlight(
        "sines",
        "Outputs for sines of six amplitudes, and their peaks, which rise less and less",
        "**A bounded output saturates.** A network that has learned one sine, of amplitude 0.3, gives one of amplitude "
        "1 back at {} of its size.",
        ((SINES, ""),),
    ),
    Highlight(
        "convergence",
        "Test error over training examples for RNNs, LSTMs and a GRU",
        "**How much faster depends on how far.** With a post's settings an LSTM needs fewer examples than an RNN by a "
        "factor of {} to a mean squared error of 0.2, and of {} to 0.1; the post says nearly 2.",
        ((SPEED, "at MSE 0.2"), (SPEED, "at MSE 0.1")),
    ),
    Highlight(
        "input_at_france",
        "Cell state, input gate and candidate at the word France",
        "**Gates are less tidy than their story.** At the word France the input gate of the unit that keeps the "
        "country is at {}; but it is open for {} of all other units, too.",
        ((GATES, "it opens for seenFrance"), (GATES, "and for no other")),
    ),
)


def highlights_text(medians: Mapping[Key, str], seeds: int) -> str:
    """All of them, with the medians of so many seeds."""
    parts = []
    for one in HIGHLIGHTS:
        text = one.sentence.format(*(medians[key] for key in one.numbers))
        parts += [textwrap.fill(text, 120), f"![{one.shows}](docs/images/reproduction/{one.figure}.png)"]
    return "\n\n".join([*parts, f"*Medians of {seeds} seeds, with their intervals.*"])
