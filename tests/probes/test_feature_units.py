"""The units that encode a feature are found, whichever way they point."""

from __future__ import annotations

import numpy as np
import pytest

from seqprobe.batch import stack_batches
from seqprobe.probes.concepts import CONCEPTS
from seqprobe.probes.feature_units import FEATURES, expectation_table, feature_table, feature_units
from seqprobe.seeds import generator
from seqprobe.tasks.grammar import INDEX, PEOPLE, WORDS
from seqprobe.tasks.sentence import Sentence, encode_sentences

SENTENCES = [Sentence("sentence").write(80, generator(seed, "probes"), {7: "but"}) for seed in (0, 1)]
ENCODED = [("eating", 0, 1), ("seenFrance", 1, -1), ("#people", 2, -1), ("femaleness", 3, 1), ("seenEngland", 4, 1)]
"""Which unit encodes which feature, and its sign."""


def cells() -> np.ndarray:
    """States of two members with noise and one unit for each feature, from the word that decides it on."""
    length = len(SENTENCES[0][0]) - 1
    states = np.random.default_rng(0).normal(0, 0.1, (2, 80, length, 6))
    for member, sentences in enumerate(SENTENCES):
        for row, words in enumerate(sentences):
            for feature, unit, sign in ENCODED:
                if feature == "#people":
                    states[member, row, :, unit] += sign * np.cumsum([word in PEOPLE for word in words[:length]])
                else:
                    start, is_so = CONCEPTS[feature]
                    states[member, row, start:, unit] += sign * (1.0 if is_so(words) else -1.0)
    return states


def test_each_feature_has_its_unit_and_sign() -> None:
    stacked = stack_batches([encode_sentences(sentences) for sentences in SENTENCES])
    units, signs = feature_units(cells(), stacked)
    known = {feature: (unit, sign) for feature, unit, sign in ENCODED}
    for member in (0, 1):
        found = dict(zip(FEATURES, zip(units[member].tolist(), signs[member].tolist(), strict=True), strict=True))
        assert found == known


def test_states_are_turned_and_gates_are_not() -> None:
    traced = {"cell": np.full((1, 2, 3), 0.5), "input_gate": np.full((1, 2, 3), 0.25)}
    traced["cell"][0, 1, 2] = 4.0
    units, signs = np.array([[2, 0, 1, 2, 0]]), np.array([[-1, 1, 1, -1, 1]])
    table = feature_table([7], ["In", "France"], traced, units, signs)
    cell = table[(table["name"] == "cell") & (table["step"] == 1)].set_index("feature")["value"]
    assert cell["seenFrance"] == -4
    assert cell["seenEngland"] == 0.5
    assert set(table.loc[table["name"] == "input_gate", "value"]) == {0.25}
    assert set(table["seed"]) == {7}
    assert len(table) == 2 * 2 * len(FEATURES)


def test_words_that_no_member_expects_are_left_out() -> None:
    logits = np.full((2, 1, len(WORDS)), -50.0)
    logits[:, 0, INDEX["France"]] = np.log(3)
    logits[0, 0, INDEX["Italy"]] = 0.0
    table = expectation_table([0, 1], ["In"], logits)
    values = {(row.seed, row.feature): row.value for row in table.itertuples()}
    assert values == pytest.approx({(0, "France"): 0.75, (0, "Italy"): 0.25, (1, "France"): 1.0, (1, "Italy"): 0.0})
