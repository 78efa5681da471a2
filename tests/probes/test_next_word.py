"""What is asked of networks that continue sentences, by one that knows the grammar and others that know less."""

from __future__ import annotations

import numpy as np
import pytest
from probes.function_members import FunctionMembers

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.probes.concepts import CONCEPTS, Concepts
from seqprobe.probes.gate_phases import Phases
from seqprobe.probes.next_word import HeldOut, NextWord
from seqprobe.tasks.grammar import INDEX, POST_SENTENCE, WORDS, following
from seqprobe.tasks.sentence import Sentence
from seqprobe.tasks.turnstile import Turnstile

TASK = Sentence("sentence")
QUESTIONS = {
    "her": {"after": "In France , Mary ate", "words": ["her"]},
    "food": {"after": "In France , Mary ate her", "words": ["croissant", "brie"]},
    "wrong": {"after": "In France , Mary ate her", "words": ["pizza"]},
}


def grammar(batch: Batch) -> np.ndarray:
    """Logarithms of the true probabilities."""
    logits = np.full((*batch.targets.shape, len(WORDS)), -50.0)
    for row, length in enumerate(batch.lengths.tolist()):
        words = [WORDS[i] for i in batch.inputs[row].argmax(-1)[:length]]
        for step in range(length):
            for word, probability in following(words[: step + 1]).items():
                logits[row, step, INDEX[word]] = np.log(probability)
    return logits


def clueless(batch: Batch) -> np.ndarray:
    return np.zeros((*batch.targets.shape, len(WORDS)))


def lost(batch: Batch) -> np.ndarray:
    return np.full((*batch.targets.shape, len(WORDS)), np.nan)


def test_probabilities_are_those_of_the_members() -> None:
    result = NextWord(QUESTIONS).run(FunctionMembers([grammar, clueless, lost]), TASK, [0, 1, 2])
    np.testing.assert_allclose(result.scores["probability"][0], [1, 2 / 3, 0], atol=1e-12)
    np.testing.assert_allclose(result.scores["probability"][1], [1 / 62, 2 / 62, 1 / 62])
    assert np.isnan(result.scores["probability"][2]).all()
    np.testing.assert_allclose(result.levels["probability"]["floor"], [[1, 2 / 3, 0]] * 3)


@pytest.mark.parametrize(
    "questions",
    [
        {},
        None,
        {"x": {"after": "In France"}},
        {"x": {"after": "In France", "words": "Mary"}},
        {"x": {"after": "In Spain", "words": ["Mary"]}},
        {"x": {"after": "France In", "words": ["Mary"]}},
    ],
)
def test_questions_that_are_none_are_refused(questions: object) -> None:
    with pytest.raises(InvalidValue):
        NextWord(questions)  # type: ignore[arg-type]  # wrong on purpose


def test_who_knows_the_grammar_loses_nothing_on_what_is_held_out() -> None:
    result = HeldOut(size=150).run(FunctionMembers([grammar, clueless, lost]), TASK, [0, 1, 2])
    assert list(result.labels) == ["seen", "held_out"]
    np.testing.assert_allclose(result.scores["loss"][0], result.levels["loss"]["floor"][0], atol=1e-9)
    np.testing.assert_allclose(result.scores["loss"][1], np.log(62), atol=1e-12)
    assert np.abs(result.scores["accuracy"][0] - result.levels["accuracy"]["floor"][0]).max() < 0.06
    assert np.isnan(result.scores["loss"][2]).all()
    assert np.isnan(result.scores["accuracy"][2]).all()


def concepts_of(batch: Batch) -> np.ndarray:
    """One unit per concept, 1 from the word on that decides it: ``(n, time, concepts)``."""
    cells = np.zeros((*batch.targets.shape, len(CONCEPTS)))
    for row, length in enumerate(batch.lengths.tolist()):
        words = [WORDS[i] for i in batch.inputs[row].argmax(-1)[:length]]
        for unit, (start, holds) in enumerate(CONCEPTS.values()):
            cells[row, start:length, unit] = 2.0 * holds(words) - 1
    return cells


def knowing(batch: Batch) -> dict[str, np.ndarray]:
    cells = concepts_of(batch)
    forget = np.full_like(cells, 0.97)
    forget[:, 5, 0], forget[:, 1, 0], forget[:, 5, 1], forget[:, 7, 3] = 0.6, 0.1, 0.2, 0.4
    names = ("input_gate", "candidate", "output_gate", "hidden")
    return {f"0.{name}": cells for name in names} | {"0.forget_gate": forget, "0.cell": cells}


def ignorant(batch: Batch) -> dict[str, np.ndarray]:
    return {name: np.ones_like(values) for name, values in knowing(batch).items()}


def test_a_state_that_holds_concepts_tells_them_and_one_that_does_not_tells_the_commoner_answer() -> None:
    members = FunctionMembers([grammar], [knowing], FunctionMembers([grammar], [ignorant]))
    result = Concepts(size=90).run(members, TASK, [0])
    assert list(result.labels) == list(CONCEPTS)
    assert result.scores["accuracy"].tolist() == [[1, 1, 1, 1]]
    assert (result.scores["untrained"] < 0.9).all()
    chance = result.levels["accuracy"]["chance"]
    assert chance.shape == (1, 4)
    assert ((chance >= 0.5) & (chance < 0.9)).all()
    np.testing.assert_allclose(result.scores["untrained"], chance, atol=0.15)  # it tells the commoner answer
    read = result.arrays["shown"][0]  # of the post's sentence, after its last word
    np.testing.assert_allclose(read[:, -1], [1, 0, 1, 1], atol=0.05)


def test_the_unit_that_carries_the_country_is_found() -> None:
    result = Phases(size=90).run(FunctionMembers([grammar], [knowing], None), TASK, [0])
    assert result.arrays["carriers"].tolist() == [0]
    assert result.overall["carrier_forget"].tolist() == [0.6]  # what happens at the country's own word does not count
    assert {name: values.tolist() for name, values in result.overall.items() if name != "carrier_forget"} == {
        "carrier_input": [1.0],
        "others_open": [0.0],
        "eating_forget": [0.4],
        "forget_near_one": [1 - 4 / 56],
    }
    drawing = Phases().draw(result, TASK, "title")
    titles = [axes.get_title(loc="left") for axes in drawing.axes]
    assert [title for title in titles if title] == [
        "input phase: input gate",
        "input phase: candidate",
        "forget phase: forget gate",
        "forget phase: cell",
        "output phase: output gate",
        "output phase: hidden",
    ]
    assert drawing.axes[0].get_yticklabels()[0].get_text() == "unit 0 (country)"
    assert [label.get_text() for label in drawing.axes[0].get_xticklabels()] == POST_SENTENCE.split()[:-1]


def test_cells_without_a_forget_gate_have_other_panels() -> None:
    def plain(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": concepts_of(batch)}

    result = Phases().run(FunctionMembers([grammar], [plain]), TASK, [0])
    assert dict(result.overall) == {}
    drawing = Phases().draw(result, TASK, "title")
    assert drawing.axes[0].get_title(loc="left") == "states: hidden"


@pytest.mark.parametrize("probe", [NextWord(QUESTIONS), HeldOut(), Concepts(), Phases()])
def test_other_tasks_are_refused(probe: NextWord | HeldOut | Concepts | Phases) -> None:
    with pytest.raises(InvalidValue, match="cannot probe task turnstile"):
        probe.check(Turnstile("turnstile"))
