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
from seqprobe.tasks.grammar import INDEX, POST_SENTENCE, following
from seqprobe.tasks.sentence import Sentence, encoded

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
