"""The grammar of sentences about people, countries, food and drink: which words can follow, and how probably."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence

from seqprobe.checks import choice

FOODS = {
    "France": ("croissant", "baguette", "brie"),
    "Italy": ("pizza", "pasta", "bruschetta"),
    "Germany": ("pretzel", "bratwurst", "schnitzel"),
    "England": ("scone", "crumpet", "pudding"),
}
DRINKS = {
    "France": ("wine", "champagne", "cider", "cognac"),
    "Italy": ("espresso", "prosecco", "grappa", "limoncello"),
    "Germany": ("beer", "riesling", "schnapps", "radler"),
    "England": ("tea", "gin", "ale", "stout"),
}
WOMEN = ("Mary", "Anna", "Emma", "Julia")
MEN = ("Frank", "Tom", "Paul", "Hugo")
PEOPLE = (*WOMEN, *MEN)
OPINIONS = ("like", "want", "enjoy")
PRAISES = ("liked", "wanted", "enjoyed")
MODIFIERS = ("also", "really", "always", "truly")
POST_SENTENCE = "In France , Mary ate her croissant but Frank did not like the wine ."

WORDS = (
    "In",
    ",",
    ".",
    "ate",
    "drank",
    "her",
    "his",
    "but",
    "and",
    "did",
    "not",
    "the",
    *FOODS,
    *PEOPLE,
    *OPINIONS,
    *PRAISES,
    *MODIFIERS,
    *(word for words in (*FOODS.values(), *DRINKS.values()) for word in words),
)
INDEX = {word: index for index, word in enumerate(WORDS)}
LONGEST = len(POST_SENTENCE.split())

Choices = dict[str, float]
"""Words that can follow, with their probabilities."""


def following(words: Sequence[str], held_out: Sequence[str] = ()) -> Choices:
    """What can follow the beginning ``words`` of a sentence, and how probably; nothing follows a whole sentence.

    Args:
        held_out: a country, a person and a verb that never come together: there the verb is the other one.

    Raises:
        InvalidValue: no sentence begins so.
    """
    for position, word in enumerate(words):
        choice("words", word, known_following(tuple(words[:position]), tuple(held_out)))
    return known_following(tuple(words), tuple(held_out))


@functools.cache
def known_following(words: tuple[str, ...], held_out: tuple[str, ...]) -> Choices:
    """`following` for a beginning that is known to be one."""
    if len(words) > 8:
        return _in_second_clause(words)
    match len(words):
        case 0:
            return equally(["In"])
        case 1:
            return equally(FOODS)
        case 2:
            return equally([","])
        case 3:
            return equally(PEOPLE)
        case 4:
            return equally([verb for verb in ("ate", "drank") if (words[1], words[3], verb) != held_out])
        case 5:
            return equally(["her" if words[3] in WOMEN else "his"])
        case 6:
            return equally((FOODS if words[4] == "ate" else DRINKS)[words[1]])
        case 7:
            return {"but": 0.4, "and": 0.3, ".": 0.3}
        case _:
            return equally([person for person in PEOPLE if person != words[3]]) if words[7] != "." else {}


def _in_second_clause(words: tuple[str, ...]) -> Choices:
    """The clause about a second person's opinion: of a drink after food, of food after a drink."""
    opinion = [["did"], ["not"], OPINIONS] if words[7] == "but" else [MODIFIERS, PRAISES]
    object_of_opinion = (DRINKS if words[4] == "ate" else FOODS)[words[1]]
    clause = [*opinion, ["the"], object_of_opinion, ["."]]
    return equally(clause[len(words) - 9]) if len(words) - 9 < len(clause) else {}


def equally(words: Collection[str]) -> Choices:
    """Every word with the same probability."""
    return {word: 1 / len(words) for word in words}


def sentence_words(chances: Sequence[float], given: Mapping[int, str], held_out: tuple[str, ...]) -> Iterator[str]:
    """One sentence, word by word, from a chance in [0, 1) for each."""
    words: tuple[str, ...] = ()
    while choices := known_following(words, held_out):
        word = given.get(len(words)) or _chosen(choices, chances[len(words)])
        choice("given", word, choices)
        words = (*words, word)
        yield word


def _chosen(choices: Choices, chance: float) -> str:
    for word, probability in choices.items():
        chance -= probability
        if chance < 0:
            return word
    return word
