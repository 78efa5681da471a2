"""Predict the next word of stereotyped sentences about people, countries, food and drink.

Rule: a sentence names a country, a person, what she or he ate or drank there, and perhaps another person's opinion of
something of that country: food after a drink, a drink after food. The answer at every step is the word that follows.
Which words can follow depends on the country many steps earlier, on the person's sex, and on whether she ate or drank.

Worked examples:

* ``In France , Mary ate her croissant but Frank did not like the wine .`` feeds the first 14 words; the targets are
  the words from ``France`` to ``.``; after ``Mary ate her`` the three French foods are equally probable, after ``the``
  the four French drinks.
* ``In Italy , Tom drank his espresso .`` feeds six words and is padded.

Training and validation never see the country, the person and the verb of ``held_out`` together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import ClassVar

import torch
from torch import Tensor

from seqprobe.batch import Batch, length_mask
from seqprobe.checks import InvalidValue, choice
from seqprobe.scoring import Role
from seqprobe.tasks.grammar import FOODS, INDEX, LONGEST, PEOPLE, WORDS, known_following, sentence_words
from seqprobe.tasks.task import Level, Task


def encode_sentences(sentences: Sequence[Sequence[str]], time: int | None = None) -> Batch:
    """Sentences as one-hot words, padded to ``time`` steps; the targets are the words that follow."""
    lengths = torch.tensor([len(words) - 1 for words in sentences])
    longest = time or int(lengths.max())
    rows = [[INDEX[word] for word in words] + [-1] * (longest + 1 - len(words)) for words in sentences]
    indices = torch.tensor(rows)
    known = (indices >= 0).long()
    inputs = torch.nn.functional.one_hot(indices.clamp(min=0), len(WORDS)) * known.unsqueeze(-1)
    inside = length_mask(lengths, longest)
    return Batch(
        inputs[:, :-1].double().masked_fill(~inside.unsqueeze(-1), 0), indices[:, 1:].masked_fill(~inside, 0), lengths
    )


class Sentence(Task):
    """Predict the next word (seq2seq).

    Args:
        held_out: ``[country, person, verb]`` that never come together in training and validation.
    """

    noun: ClassVar[str] = "a sentence task"

    def __init__(
        self,
        name: str,
        held_out: Sequence[str] = ("France", "Mary", "ate"),
        train_size: int | None = 4_000,
        val_size: int = 500,
        batch_size: int = 32,
    ) -> None:
        if isinstance(held_out, str) or not isinstance(held_out, Sequence) or len(held_out) != 3:
            raise InvalidValue("held_out", held_out, "must be [country, person, verb]")
        for word, allowed in zip(held_out, (FOODS, PEOPLE, ("ate", "drank")), strict=True):
            choice("held_out", word, allowed)
        self.held_out = tuple(held_out)
        super().__init__(
            name=name,
            input_size=len(WORDS),
            output_names=WORDS,
            kind="seq2seq",
            loss="cross_entropy",
            max_length=LONGEST - 1,
            train_size=train_size,
            val_size=val_size,
            batch_size=batch_size,
        )

    def sample(self, n: int, generator: torch.Generator) -> Batch:
        return encode_sentences(self.write(n, generator), self.max_length)

    def write(
        self, n: int, generator: torch.Generator, given: Mapping[int, str] | None = None, held_out: bool = False
    ) -> list[list[str]]:
        """Write ``n`` sentences; ``given`` fixes words by position.

        Args:
            held_out: write the sentences that training never sees, and no others.
        """
        country, person, verb = self.held_out
        fixed = {**(given or {}), **({1: country, 3: person, 4: verb} if held_out else {})}
        absent = () if held_out else self.held_out
        chances = torch.rand(n, LONGEST, generator=generator, dtype=torch.float64).tolist()
        return [list(sentence_words(row, fixed, absent)) for row in chances]

    def ideal(self, batch: Batch, held_out: bool = False) -> Tensor:
        """The true probability of every next word, ``(n, time, words)``; zeros in the padding."""
        absent = () if held_out else self.held_out
        time, places, counts = batch.targets.shape[1], list[int](), list[int]()
        words, probabilities = list[str](), list[float]()
        sentences = zip(batch.inputs.argmax(-1).tolist(), batch.lengths.tolist(), strict=True)
        for row, (indices, length) in enumerate(sentences):
            sentence = tuple(WORDS[index] for index in indices[:length])
            choices = [known_following(sentence[: step + 1], absent) for step in range(length)]
            places += range(row * time, row * time + length)
            counts += map(len, choices)
            words += chain.from_iterable(choices)
            probabilities += chain.from_iterable(choice.values() for choice in choices)
        steps = torch.tensor(places).repeat_interleave(torch.tensor(counts))
        result = torch.zeros(batch.targets.numel(), len(WORDS), dtype=torch.float64)
        result[steps, [INDEX[word] for word in words]] = torch.tensor(probabilities, dtype=torch.float64)
        return result.unflatten(0, batch.targets.shape)

    def ideal_level(self, batch: Batch, held_out: bool = False) -> Level:
        """The scores of the true grammar on ``batch``: expected accuracy, and cross-entropy."""
        ideal, mask = self.ideal(batch, held_out), batch.mask
        true = ideal.gather(-1, batch.targets.unsqueeze(-1)).squeeze(-1)[mask]
        return Level(float(ideal.amax(-1)[mask].mean()), float(-true.log().mean()))

    def reference_levels(self, train: Batch, val: Batch) -> dict[Role, Level]:
        return super().reference_levels(train, val) | {"floor": self.ideal_level(val)}
