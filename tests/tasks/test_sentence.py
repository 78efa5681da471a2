"""The grammar, its exact probabilities, and the sentences that training never sees."""

from __future__ import annotations

import pytest
import torch

from seqprobe.checks import InvalidValue
from seqprobe.seeds import generator
from seqprobe.tasks.grammar import INDEX, POST_SENTENCE, WORDS, following
from seqprobe.tasks.sentence import Sentence, encode_sentences

TASK = Sentence("sentence")


def test_there_are_62_words() -> None:
    assert len(WORDS) == len(set(WORDS)) == 62


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("", {"In": 1}),
        ("In France ,", dict.fromkeys(("Mary", "Anna", "Emma", "Julia", "Frank", "Tom", "Paul", "Hugo"), 1 / 8)),
        ("In France , Mary", {"ate": 0.5, "drank": 0.5}),
        ("In France , Mary ate", {"her": 1}),
        ("In France , Tom ate", {"his": 1}),
        ("In France , Mary ate her", dict.fromkeys(("croissant", "baguette", "brie"), 1 / 3)),
        ("In Italy , Mary ate her", dict.fromkeys(("pizza", "pasta", "bruschetta"), 1 / 3)),
        ("In France , Mary ate her croissant", {"but": 0.4, "and": 0.3, ".": 0.3}),
        (
            "In France , Mary ate her croissant but Frank did not like the",
            dict.fromkeys(("wine", "champagne", "cider", "cognac"), 1 / 4),
        ),
        (
            "In France , Mary drank her wine and Frank truly liked the",
            dict.fromkeys(("croissant", "baguette", "brie"), 1 / 3),
        ),
        (POST_SENTENCE, {}),
        ("In France , Mary ate her croissant .", {}),
    ],
)
def test_what_follows(beginning: str, expected: dict[str, float]) -> None:
    assert following(beginning.split()) == pytest.approx(expected)


def test_what_is_held_out_cannot_follow() -> None:
    held_out = ("France", "Mary", "ate")
    assert following(["In", "France", ",", "Mary"], held_out) == {"drank": 1}
    assert following(["In", "France", ",", "Anna"], held_out) == {"ate": 0.5, "drank": 0.5}
    with pytest.raises(InvalidValue, match="words=ate"):
        following(["In", "France", ",", "Mary", "ate"], held_out)


def test_the_posts_sentence_wants_the_words_that_follow() -> None:
    batch = encode_sentences([POST_SENTENCE.split()])
    assert batch.lengths.tolist() == [14]
    assert [WORDS[i] for i in batch.inputs[0].argmax(-1)] == POST_SENTENCE.split()[:-1]
    assert [WORDS[i] for i in batch.targets[0]] == POST_SENTENCE.split()[1:]


def test_training_never_sees_what_is_held_out_and_the_probe_nothing_else() -> None:
    sentences = TASK.write(3_000, generator(0, "train_data"))
    assert not [words for words in sentences if (words[1], words[3], words[4]) == ("France", "Mary", "ate")]
    assert [words for words in sentences if (words[1], words[3]) == ("France", "Mary")]
    held_out = TASK.write(50, generator(0, "probes"), held_out=True)
    assert {(words[1], words[3], words[4]) for words in held_out} == {("France", "Mary", "ate")}


def test_the_ideal_gives_the_probabilities_by_which_sentences_are_written() -> None:
    batch = TASK.sample(300, generator(0, "train_data"))
    ideal = TASK.ideal(batch)
    sums = ideal.sum(-1)
    torch.testing.assert_close(sums, batch.mask.double())
    level = TASK.ideal_level(batch)
    true = ideal.gather(-1, batch.targets.unsqueeze(-1)).squeeze(-1)[batch.mask]
    assert level.loss == pytest.approx(-true.log().mean().item(), abs=1e-12)
    entropy = -(ideal * ideal.clamp(min=1e-300).log()).sum(-1)[batch.mask].mean().item()
    assert level.loss == pytest.approx(entropy, abs=0.03)


@pytest.mark.parametrize("held_out", [False, True])
def test_the_ideal_is_the_grammar_word_by_word(held_out: bool) -> None:
    batch = encode_sentences(TASK.write(20, generator(0, "probes"), held_out=held_out), TASK.max_length)
    expected = torch.zeros(20, TASK.max_length, len(INDEX), dtype=torch.float64)
    for row, length in enumerate(batch.lengths.tolist()):
        words = [list(INDEX)[index] for index in batch.inputs[row, :length].argmax(-1).tolist()]
        for step in range(length):
            for word, probability in following(words[: step + 1], () if held_out else TASK.held_out).items():
                expected[row, step, INDEX[word]] = probability
    assert torch.equal(TASK.ideal(batch, held_out), expected)


def test_padding_is_nothing_but_zeros() -> None:
    batch = TASK.sample(50, generator(0, "train_data"))
    assert batch.inputs.shape == (50, 14, 62)
    assert batch.inputs.sum(-1).tolist() == batch.mask.double().tolist()
    assert not batch.targets[~batch.mask].any()


@pytest.mark.parametrize("held_out", [["France"], ["France", "Mary", "slept"], ["Spain", "Mary", "ate"], "France"])
def test_only_what_the_grammar_has_can_be_held_out(held_out: object) -> None:
    with pytest.raises(InvalidValue, match=r"^held_out="):
        Sentence("t", held_out)  # type: ignore[arg-type]  # wrong on purpose


def test_words_that_the_grammar_does_not_have_are_refused() -> None:
    with pytest.raises(InvalidValue, match="words=Spain"):
        following(["In", "Spain"])
    assert INDEX["In"] == 0
