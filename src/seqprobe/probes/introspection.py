"""Look inside a network that continues sentences: what its state tells, and what its gates do, word by word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.checks import choice, integer
from seqprobe.probes.probe import Members, Probe, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.tasks.grammar import INDEX, POST_SENTENCE, WOMEN, WORDS, following
from seqprobe.tasks.sentence import Sentence, encoded

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CONCEPTS: Mapping[str, tuple[int, Callable[[Sequence[str]], bool]]] = {
    "seenFrance": (1, lambda words: words[1] == "France"),
    "seenEngland": (1, lambda words: words[1] == "England"),
    "femaleness": (3, lambda words: words[3] in WOMEN),
    "eating": (4, lambda words: words[4] == "ate"),
}
"""What post 2 imagines in the cell state: from which word on it is decided, and whether it holds of a sentence."""


def layer_states(trace: Mapping[str, np.ndarray]) -> np.ndarray:
    """The last layer's cell state, or its hidden state where cells keep no other: ``(seeds, batch, time, units)``."""
    last = max(int(key.partition(".")[0]) for key in trace)
    return trace.get(f"{last}.cell", trace[f"{last}.hidden"])


class Concepts(Probe[Sentence]):
    """Whether a linear probe reads from the state, at every word, which country, sex and verb came before.

    Measures ``accuracy``, the least over the words from the one that decides the concept to the last, and
    ``untrained``, the same for the networks before training: a random network's state also tells much, so that
    without this control the accuracy would say nothing about learning.

    Args:
        size: sentences to each member; a third of them scores the linear probes that the others were fitted to.
    """

    needs_trace: ClassVar[bool] = True
    GIVEN: ClassVar = {7: "but"}
    """All have the shape of the post's sentence, so that words line up."""

    def __init__(self, size: int = 600) -> None:
        self.size = integer("size", size, minimum=30)

    def run(self, members: Members, task: Sentence, seeds: Sequence[int]) -> ProbeResult:
        asked = sample_for_seeds(seeds, lambda source: encoded(task.write(self.size, source, self.GIVEN)))
        shown = encoded([POST_SENTENCE.split()])
        words = [[[WORDS[i] for i in row] for row in own] for own in asked.inputs.argmax(-1).tolist()]
        holds = np.array([[[of(each) for each in own] for _, of in CONCEPTS.values()] for own in words])
        read, marks = {}, {}
        for name, network in {"accuracy": members, "untrained": members.untrained_members()}.items():
            states, shown_states = layer_states(network.trace(asked)), layer_states(network.trace(shown))
            each = [_linear_probes(*own) for own in zip(states, holds, shown_states[:, 0], strict=True)]
            read[name], marks[name] = np.stack([found[0] for found in each]), np.stack([found[1] for found in each])
        decided = [start for start, _ in CONCEPTS.values()]
        scores = {
            name: np.stack([each[:, c, start:].min(-1) for c, start in enumerate(decided)], 1)
            for name, each in read.items()
        }
        chance = np.maximum(holds.mean(2), 1 - holds.mean(2)).mean(0)
        arrays = {
            "trained": read["accuracy"],
            "untrained": read["untrained"],
            "chance": chance,
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
        return ProbeResult(list(CONCEPTS), scores, arrays, table)

    def draw(self, result: ProbeResult, task: Sentence, title: str) -> Figure:
        return figures.concepts(
            POST_SENTENCE.split()[:-1],
            list(CONCEPTS),
            [start for start, _ in CONCEPTS.values()],
            result.arrays["trained"],
            result.arrays["untrained"],
            result.arrays["chance"],
            result.arrays["shown"],
            title,
        )


def _linear_probes(states: np.ndarray, holds: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Linear probes of one member, one for each concept and word.

    Args:
        states: ``(n, time, units)``.
        holds: ``(concepts, n)`` booleans.
        shown: ``(time, units)`` states of another sentence.

    Returns:
        Accuracies on the last third of the sentences, and what is read of ``shown`` (0 does not hold, 1 does):
        ``(concepts, time)`` both.
    """
    from sklearn.linear_model import RidgeClassifier

    accuracy = np.full((len(holds), states.shape[1]), np.nan)
    read = accuracy.copy()
    fitted = 2 * len(states) // 3
    if np.isfinite(states).all():
        for concept, step in np.ndindex(accuracy.shape):
            probe = RidgeClassifier(alpha=1e-3).fit(states[:fitted, step], holds[concept, :fitted])
            accuracy[concept, step] = probe.score(states[fitted:, step], holds[concept, fitted:])
            read[concept, step] = (probe.decision_function(shown[step : step + 1])[0] + 1) / 2
    return accuracy, read


class Phases(Probe[Sentence]):
    """What the gates, the candidate and the states do at every word of post 2's sentence.

    For cells with a forget gate it measures of one unit, the one whose cell state best tells France from other
    countries at every later word: ``carrier_forget``, its least forget gate after the country's name and before the
    last word, which needs it.

    Args:
        sentence: which one is shown.
        units: how many units are shown, those that vary most.
        size: sentences by which that unit is found.
    """

    needs_trace: ClassVar[bool] = True

    def __init__(self, sentence: str = POST_SENTENCE, units: int = 8, size: int = 300) -> None:
        for word in sentence.split():
            choice("sentence", word, INDEX)
        following(sentence.split()[:-1])
        self.words, self.units, self.size = sentence.split(), integer("units", units), integer("size", size)

    def run(self, members: Members, task: Sentence, seeds: Sequence[int]) -> ProbeResult:
        trace = members.trace(encoded([self.words]))
        last = max(int(key.partition(".")[0]) for key in trace)
        named = {key.partition(".")[2]: values[:, 0] for key, values in trace.items() if key.startswith(f"{last}.")}
        overall = {}
        if "forget_gate" in named:
            carriers = self._carriers(members, task, seeds)
            gates = named["forget_gate"][np.arange(len(seeds)), :, carriers]
            overall["carrier_forget"] = gates[:, 2:-1].min(1)
            named["carriers"] = carriers
        return ProbeResult([], {}, named, self._table(seeds, named), overall)

    def draw(self, result: ProbeResult, task: Sentence, title: str) -> Figure:
        named = dict(result.arrays)
        carriers = named.pop("carriers", None)
        finite = [index for index, values in enumerate(named["hidden"]) if np.isfinite(values).all()]
        member = finite[0] if finite else 0
        first = None if carriers is None else int(carriers[member])
        shown = {name: values[member] for name, values in named.items()}
        return figures.phases(self.words[:-1], shown, self.units, first, title)

    def _table(self, seeds: Sequence[int], named: Mapping[str, np.ndarray]) -> pd.DataFrame:
        """One row per member, gate or state, word and unit."""
        tables = []
        for name, values in named.items():
            if name != "carriers":
                seed, step, unit = (axis.ravel() for axis in np.indices(values.shape))
                columns = {
                    "seed": np.asarray(seeds)[seed],
                    "name": name,
                    "word": np.array(self.words)[step],
                    "step": step,
                    "unit": unit,
                    "value": values.ravel(),
                }
                tables.append(pd.DataFrame(columns))
        return pd.concat(tables, ignore_index=True)

    def _carriers(self, members: Members, task: Sentence, seeds: Sequence[int]) -> np.ndarray:
        """Each member's unit whose cell always differs most between France and elsewhere, in standard deviations."""
        asked = sample_for_seeds(seeds, lambda source: encoded(task.write(self.size, source, Concepts.GIVEN)))
        cells = layer_states(members.trace(asked))[:, :, 1:-1]
        france = (asked.inputs[:, :, 1].argmax(-1) == INDEX["France"]).numpy()
        found = []
        for own, here in zip(cells, france, strict=True):
            spread = np.sqrt((own[here].var(0) + own[~here].var(0)) / 2) + 1e-9
            apart = np.abs(own[here].mean(0) - own[~here].mean(0)) / spread
            found.append(int(np.nan_to_num(apart).min(0).argmax()))
        return np.array(found)
