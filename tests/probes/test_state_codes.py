"""What is read from states whose code is known: a number of people, and flags for the turnstile's states."""

from __future__ import annotations

import numpy as np
import pytest
from probes.function_members import FunctionMembers

from seqprobe.batch import Batch
from seqprobe.probes.people_count import PeopleCount, people_so_far, regress
from seqprobe.probes.selectivity import Selectivity, code_measures
from seqprobe.tasks.grammar import POST_SENTENCE
from seqprobe.tasks.sentence import Sentence, encode_sentences
from seqprobe.tasks.turnstile import Turnstile, operate

OTHER = ["In", "Italy", ",", "Tom", "drank", "his", "espresso", "."]
SENTENCE, TURNSTILE = Sentence("sentence"), Turnstile("turnstile")


def no_answer(batch: Batch) -> np.ndarray:
    raise NotImplementedError  # never called here


def counting(batch: Batch) -> dict[str, np.ndarray]:
    return {"0.hidden": np.stack([people_so_far(batch) * 2.0 + 1, 0.0 * people_so_far(batch)], -1)}


def blank(batch: Batch) -> dict[str, np.ndarray]:
    return {"0.hidden": np.zeros((*batch.inputs.shape[:2], 2))}


def lost(batch: Batch) -> dict[str, np.ndarray]:
    return {"0.hidden": np.full((*batch.inputs.shape[:2], 2), np.nan)}


def test_people_are_counted_word_by_word() -> None:
    counted = people_so_far(encode_sentences([POST_SENTENCE.split(), OTHER]))
    assert counted.tolist() == [[0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2], [0, 0, 0, *[1] * 11]]


def test_a_number_is_read_as_well_as_states_hold_it() -> None:
    before = FunctionMembers([no_answer] * 3, [blank, counting, blank])
    members = FunctionMembers([no_answer] * 3, [counting, blank, lost], before)
    result = PeopleCount(60).run(members, SENTENCE, [0, 1, 2])
    assert result.labels == ["trained", "untrained"]
    assert result.scores["explained"][0] == pytest.approx([1, 0], abs=0.05)
    assert result.scores["explained"][1] == pytest.approx([0, 1], abs=0.05)
    assert np.isnan(result.scores["explained"][2, 0])
    np.testing.assert_allclose(result.arrays["read"][0], result.arrays["truth"], atol=1e-3)
    drawing = PeopleCount(60).draw(result, SENTENCE, "title")
    assert drawing.axes[0].get_xlabel() == f"word of “{POST_SENTENCE}”"


def test_padding_is_not_read() -> None:
    numbers, counted = np.array([[0, 1, 9], [0, 1, 9], [0, 1, 9]]), np.array([[True, True, False]] * 3)
    share, read = regress(numbers[..., None].astype(float), numbers, counted, np.array([[3.0]]))
    assert (share, read[0]) == (pytest.approx(1, abs=1e-4), pytest.approx(3, abs=2e-2))


STATES = np.array([[0, 1, 2, 1, 0, 2]])


@pytest.mark.parametrize(
    ("units", "mixed", "within"),
    [
        ([[0.0, 1, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1]], 0, 0),  # two clean flags
        ([[0.0, 0.5, 1, 0.5, 0, 1], [0, 0, 1, 0, 0, 1]], 0.5, 0),
        ([[0.0, 0.05, 1, 0.05, 0, 1]], 0, 0),  # nearly a flag
        ([[0.0, 0.2, 1, 0.2, 0, 1]], 1, 0),
        ([[-1.0, 3, 1, 5, 1, -1]], 0, 6 / (38 - 64 / 6)),  # means 0, 4, 0; 2, 2 and 2 around them
    ],
)
def test_flags_are_told_from_mixtures(units: list[list[float]], mixed: float, within: float) -> None:
    assert code_measures(np.array(units).T[None], STATES, 0.1) == (mixed, pytest.approx(within))


def test_a_code_is_measured_in_trained_and_untrained_networks() -> None:
    def flags(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": np.eye(3)[operate(batch.inputs.argmax(-1))[1].numpy()]}

    def levels(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": operate(batch.inputs.argmax(-1))[1].numpy()[..., None] * np.ones(3)}

    def gone(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": np.full_like(levels(batch)["0.hidden"], np.nan)}

    before = FunctionMembers([no_answer] * 2, [levels, levels])
    result = Selectivity().run(FunctionMembers([no_answer] * 2, [flags, gone], before), TURNSTILE, [0, 1])
    assert result.scores["mixed"][0].tolist() == [0, 1]
    assert result.scores["within"][0] == pytest.approx([0, 0], abs=1e-12)
    assert np.isnan(result.scores["mixed"][1, 0])
    labels = [axes.get_ylabel() for axes in Selectivity().draw(result, TURNSTILE, "title").axes]
    assert labels == ["units with mixed selectivity, share", "variance within states, share"]
