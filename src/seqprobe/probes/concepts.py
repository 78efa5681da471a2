"""Look inside a network that continues sentences: what linear probes read from its state, word by word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.checks import integer
from seqprobe.probes.probe import Members, Probe, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.ridge import fit_ridge
from seqprobe.scoring import ACCURACY, Score
from seqprobe.tasks.grammar import POST_SENTENCE, WOMEN, WORDS
from seqprobe.tasks.sentence import Sentence, encode_sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONCEPTS: Mapping[str, tuple[int, Callable[[Sequence[str]], bool]]] = {
    "seenFrance": (1, lambda words: words[1] == "France"),
    "seenEngland": (1, lambda words: words[1] == "England"),
    "femaleness": (3, lambda words: words[3] in WOMEN),
    "eating": (4, lambda words: words[4] == "ate"),
}
"""The concepts that post 2 imagines in the cell state: the word that decides each, and whether a sentence has it."""


def layer_states(trace: Mapping[str, np.ndarray]) -> np.ndarray:
    """The last layer's cell state, or its hidden state where cells keep no other: ``(seeds, batch, time, units)``."""
    last = max(int(key.partition(".")[0]) for key in trace)
    return trace.get(f"{last}.cell", trace[f"{last}.hidden"])


class Concepts(Probe[Sentence]):
    """Whether a linear probe reads from the state, at every word, which country, sex and verb came before.

    Measures ``accuracy``, the least over the words from the one that decides the concept to the last, and
    ``untrained``, the same for the networks before training: much can be read from a random network's state, too, so
    that without this control the accuracy would not show learning. Chance is the share of the commoner answer.

    Args:
        size: sentences for each member; a third of them scores the linear probes that the others were fitted to.
    """

    scores = (ACCURACY, Score("untrained", None))

    needs_trace: ClassVar[bool] = True
    GIVEN: ClassVar = {7: "but"}
    """All have the shape of the post's sentence, so that words line up."""

    def __init__(self, size: int = 600) -> None:
        self.size = integer("size", size, minimum=30)

    def run(self, members: Members, task: Sentence, seeds: Sequence[int]) -> ProbeResult:
        batch = sample_for_seeds(seeds, lambda source: encode_sentences(task.write(self.size, source, self.GIVEN)))
        shown = encode_sentences([POST_SENTENCE.split()])
        words = [[[WORDS[i] for i in row] for row in sentences] for sentences in batch.inputs.argmax(-1).tolist()]
        holds = np.array([[[is_so(text) for text in texts] for _, is_so in CONCEPTS.values()] for texts in words])
        read, marks = {}, {}
        for name, network in {"accuracy": members, "untrained": members.untrained_members()}.items():
            states, shown_states = layer_states(network.trace(batch)), layer_states(network.trace(shown))
            fits = [linear_probes(*member) for member in zip(states, holds, shown_states[:, 0], strict=True)]
            read[name], marks[name] = np.stack([fit[0] for fit in fits]), np.stack([fit[1] for fit in fits])
        decided = [start for start, _ in CONCEPTS.values()]
        scores = {
            name: np.stack([accuracy[:, c, start:].min(-1) for c, start in enumerate(decided)], 1)
            for name, accuracy in read.items()
        }
        commoner = np.maximum(holds.mean(2), 1 - holds.mean(2))
        arrays = {
            "trained": read["accuracy"],
            "untrained": read["untrained"],
            "shown": marks["accuracy"],
        }
        seed, concept, step = (axis.ravel() for axis in np.indices(read["accuracy"].shape))
        table = pd.DataFrame(
            {
                "seed": np.asarray(seeds)[seed],
                "concept": np.array(list(CONCEPTS))[concept],
                "step": step,
                "word": np.array(POST_SENTENCE.split())[step],
                "accuracy": read["accuracy"].ravel(),
                "untrained": read["untrained"].ravel(),
                "read": marks["accuracy"].ravel(),
            }
        )
        return ProbeResult(list(CONCEPTS), scores, arrays, table, levels={"accuracy": {"chance": commoner}})

    def draw(self, result: ProbeResult, task: Sentence, title: str) -> Figure:
        return figures.concepts(
            POST_SENTENCE.split()[:-1],
            list(CONCEPTS),
            [start for start, _ in CONCEPTS.values()],
            result.arrays["trained"],
            result.arrays["untrained"],
            result.level("accuracy", "chance"),
            result.arrays["shown"],
            title,
        )


def linear_probes(states: np.ndarray, holds: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Linear probes of one member, one for each concept and word.

    Args:
        states: ``(n, time, units)``.
        holds: ``(concepts, n)`` booleans.
        shown: ``(time, units)`` states of another sentence.

    Returns:
        Accuracies on the last third of the sentences, and what is read of ``shown`` (0 does not hold, 1 does):
        ``(concepts, time)`` both.
    """
    fitted = 2 * len(states) // 3
    steps, concepts = states.swapaxes(0, 1), np.where(holds.T, 1.0, -1.0)
    if not np.isfinite(states).all():
        return (np.full((len(holds), len(steps)), np.nan),) * 2
    probes = fit_ridge(steps[:, :fitted], np.broadcast_to(concepts[:fitted], (len(steps), fitted, len(holds))))
    correct = (probes.predict(steps[:, fitted:]) > 0) == (concepts[fitted:] > 0)
    return correct.mean(1).T, ((probes.predict(shown[:, None])[:, 0] + 1) / 2).T
