"""Look inside a network that continues sentences: what its gates and states do, word by word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.checks import choice, integer
from seqprobe.probes.concepts import Concepts, layer_states
from seqprobe.probes.probe import Members, Probe, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import Score
from seqprobe.tasks.grammar import INDEX, POST_SENTENCE, following
from seqprobe.tasks.sentence import Sentence, encode_sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Phases(Probe[Sentence]):
    """Gates, candidate and states at every word of post 2's sentence.

    For cells with a forget gate it measures ``carrier_forget`` of one unit, whose cell state best separates France from
    other countries at every later word: its least forget gate after the country's name and before the last word, which
    needs it.

    Args:
        sentence: the sentence to show.
        units: how many units to show, those that vary most.
        size: sentences from which that unit is determined.
    """

    scores = (Score("carrier_forget", None),)

    needs_trace: ClassVar[bool] = True

    def __init__(self, sentence: str = POST_SENTENCE, units: int = 8, size: int = 300) -> None:
        for word in sentence.split():
            choice("sentence", word, INDEX)
        following(sentence.split()[:-1])
        self.words, self.units, self.size = sentence.split(), integer("units", units), integer("size", size)

    def run(self, members: Members, task: Sentence, seeds: Sequence[int]) -> ProbeResult:
        trace = members.trace(encode_sentences([self.words]))
        last = max(int(key.partition(".")[0]) for key in trace)
        traced = {key.partition(".")[2]: values[:, 0] for key, values in trace.items() if key.startswith(f"{last}.")}
        overall = {}
        if "forget_gate" in traced:
            carriers = self._carriers(members, task, seeds)
            gates = traced["forget_gate"][np.arange(len(seeds)), :, carriers]
            overall["carrier_forget"] = gates[:, 2:-1].min(1)
            traced["carriers"] = carriers
        return ProbeResult([], {}, traced, self._table(seeds, traced), overall)

    def draw(self, result: ProbeResult, task: Sentence, title: str) -> Figure:
        traced = dict(result.arrays)
        carriers = traced.pop("carriers", None)
        finite = [index for index, values in enumerate(traced["hidden"]) if np.isfinite(values).all()]
        member = finite[0] if finite else 0
        first = None if carriers is None else int(carriers[member])
        values = {name: values[member] for name, values in traced.items()}
        return figures.phases(self.words[:-1], values, self.units, first, title)

    def _table(self, seeds: Sequence[int], traced: Mapping[str, np.ndarray]) -> pd.DataFrame:
        """One row per member, gate or state, word and unit."""
        tables = []
        for name, values in traced.items():
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
        """Each member's unit whose cell differs most at every word between France and elsewhere: ``(seeds,)``."""
        batch = sample_for_seeds(seeds, lambda source: encode_sentences(task.write(self.size, source, Concepts.GIVEN)))
        cells = layer_states(members.trace(batch))[:, :, 1:-1]
        in_france = (batch.inputs[:, :, 1].argmax(-1) == INDEX["France"]).numpy()
        carriers = []
        for states, france in zip(cells, in_france, strict=True):
            # Cohen's d with the mean of both variances; its least value over words, so that the unit keeps the country.
            spread = np.sqrt((states[france].var(0) + states[~france].var(0)) / 2) + 1e-9
            difference = np.abs(states[france].mean(0) - states[~france].mean(0)) / spread
            carriers.append(int(np.nan_to_num(difference).min(0).argmax()))
        return np.array(carriers)
