"""Look inside a network that continues sentences: what its gates and states do, word by word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.checks import choice, integer
from seqprobe.probes.concepts import Concepts, layer_states
from seqprobe.probes.feature_units import expectation_table, feature_table, feature_units
from seqprobe.probes.probe import Members, Probe, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import Score
from seqprobe.tasks.grammar import INDEX, POST_SENTENCE, following
from seqprobe.tasks.sentence import Sentence, encode_sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Phases(Probe[Sentence]):
    """Gates, candidate and states at every word of post 2's sentence.

    For cells with an input and a forget gate it measures what two units do. The first one's cell state best separates
    France from other countries at every later word: ``carrier_forget`` is its least forget gate after the country's
    name and before the last word, which needs it; ``carrier_input`` its input gate at the country's name. The second
    one's best separates eating from drinking up to the second clause: ``eating_forget`` is its forget gate at the
    clause's first word. And of all other units ``others_open`` is the share whose input gate is open (above .5) at the
    country's name; ``forget_near_one`` the share of all forget gates, over units and words, of .9 and more.

    Rows of its table with a ``feature`` are those of `feature_table` and `expectation_table`.

    Args:
        sentence: the sentence to show.
        units: how many units to show, those that vary most.
        size: sentences from which that unit is determined.
    """

    scores = tuple(
        Score(name, None)
        for name in ("carrier_forget", "carrier_input", "others_open", "eating_forget", "forget_near_one")
    )
    COUNTRY, VERB, CONJUNCTION = 1, 4, 7
    """Positions of these words in a sentence."""
    OPEN, NEAR_ONE = 0.5, 0.9

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
        overall, tables = {}, [self._table(seeds, traced)]
        if {"input_gate", "forget_gate"} <= set(traced):
            carriers = self._carriers(members, task, seeds, self.COUNTRY, slice(1, -1))
            eating = self._carriers(members, task, seeds, self.VERB, slice(self.VERB, self.CONJUNCTION))
            overall = self._gate_measures(traced["input_gate"], traced["forget_gate"], carriers, eating)
            tables += self._feature_tables(members, task, seeds, traced)
            traced["carriers"] = carriers
        return ProbeResult([], {}, traced, pd.concat(tables, ignore_index=True), overall)

    def _feature_tables(
        self, members: Members, task: Sentence, seeds: Sequence[int], traced: Mapping[str, np.ndarray]
    ) -> list[pd.DataFrame]:
        """The units that encode the post's features, and the words expected next."""
        batch = sample_for_seeds(seeds, lambda source: encode_sentences(task.write(self.size, source, Concepts.GIVEN)))
        encoders = feature_units(layer_states(members.trace(batch)), batch)
        logits = members.predict(encode_sentences([self.words]))[:, 0]
        return [feature_table(seeds, self.words, traced, *encoders), expectation_table(seeds, self.words, logits)]

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

    def _gate_measures(
        self, input_gate: np.ndarray, forget_gate: np.ndarray, carriers: np.ndarray, eating: np.ndarray
    ) -> dict[str, np.ndarray]:
        """The class's measures from gates ``(seeds, time, units)`` and each member's two units, ``(seeds,)`` each."""
        members, units = np.arange(len(carriers)), input_gate.shape[-1]
        at_country = input_gate[members, self.COUNTRY]
        opened = at_country[members, carriers]
        measures = {
            "carrier_forget": forget_gate[members, self.COUNTRY + 1 : -1, carriers].min(1),
            "carrier_input": opened,
            "others_open": ((at_country > self.OPEN).sum(1) - (opened > self.OPEN)) / (units - 1),
            "forget_near_one": (forget_gate >= self.NEAR_ONE).mean((1, 2)),
        }
        if len(self.words) - 1 > self.CONJUNCTION:
            measures["eating_forget"] = forget_gate[members, self.CONJUNCTION, eating]
        finite = np.isfinite(forget_gate).all((1, 2))
        return {name: np.where(finite, values, np.nan) for name, values in measures.items()}

    def _carriers(
        self, members: Members, task: Sentence, seeds: Sequence[int], position: int, steps: slice
    ) -> np.ndarray:
        """Each member's unit whose cell differs most, at all of ``steps``, by the word at a position: ``(seeds,)``.

        Sentences with the shown sentence's word there are compared with those that have another.
        """
        batch = sample_for_seeds(seeds, lambda source: encode_sentences(task.write(self.size, source, Concepts.GIVEN)))
        cells = layer_states(members.trace(batch))[:, :, steps]
        is_same = (batch.inputs[:, :, position].argmax(-1) == INDEX[self.words[position]]).numpy()
        carriers = []
        for states, same in zip(cells, is_same, strict=True):
            # Cohen's d with the mean of both variances; its least value over words, so that the unit keeps the word.
            spread = np.sqrt((states[same].var(0) + states[~same].var(0)) / 2) + 1e-9
            difference = np.abs(states[same].mean(0) - states[~same].mean(0)) / spread
            carriers.append(int(np.nan_to_num(difference).min(0).argmax()))
        return np.array(carriers)
