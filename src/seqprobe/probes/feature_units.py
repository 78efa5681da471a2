"""Which units of a network that reads sentences encode what post 2 imagines in its cell state, and what it expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from seqprobe.batch import Batch
from seqprobe.figures import probabilities
from seqprobe.probes.concepts import CONCEPTS
from seqprobe.tasks.grammar import INDEX, PEOPLE, WORDS

LAST_WORDS: Mapping[str, int] = {"femaleness": 7, "eating": 7}
"""The words before which a concept has to be kept; the other concepts are kept to the sentence's end."""
COUNT = "#people"
FEATURES = ("seenFrance", "seenEngland", "femaleness", COUNT, "eating")
"""In the order in which post 2 draws them."""
GATES, STATES = ("input_gate", "forget_gate", "output_gate"), ("candidate", "cell", "hidden")
LEAST = 0.01
"""Words that no member expects with this probability are left out."""


def feature_units(cells: np.ndarray, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """The unit that encodes each feature best, and whether it is high (1) or low (-1) where the feature holds.

    For a concept that is the unit whose cell state separates sentences with and without it best at all words that have
    to keep it: the largest least Cohen's d. For the number of people it is the one that correlates with it best.

    Args:
        cells: ``(seeds, n, time, units)``.
        batch: the sentences of each seed; all have the shape of the post's.

    Returns:
        ``(seeds, len(FEATURES))`` both.
    """
    words = np.array(WORDS)[batch.inputs.argmax(-1).numpy()]
    encoders = [
        [_encoder(feature, states, texts) for feature in FEATURES] for states, texts in zip(cells, words, strict=True)
    ]
    units, signs = np.moveaxis(np.array(encoders), -1, 0)
    return units, np.where(signs < 0, -1, 1)


def _encoder(feature: str, states: np.ndarray, texts: np.ndarray) -> tuple[int, int]:
    """The unit of ``states (n, time, units)`` for a feature of the sentences ``texts (n, time)``, and its sign."""
    if feature == COUNT:
        people = np.isin(texts, PEOPLE).cumsum(1)
        people, flat = people - people.mean(), states - states.mean((0, 1))
        strength = (people[..., None] * flat).mean((0, 1)) / (flat.std((0, 1)) + 1e-9)
    else:
        start, is_so = CONCEPTS[feature]
        kept, holds = states[:, start : LAST_WORDS.get(feature)], np.array([is_so(list(text)) for text in texts])
        spread = np.sqrt((kept[holds].var(0) + kept[~holds].var(0)) / 2) + 1e-9
        distance = (kept[holds].mean(0) - kept[~holds].mean(0)) / spread
        strength = np.sign(distance.mean(0)) * np.abs(distance).min(0)
    strength = np.nan_to_num(strength)
    unit = int(np.abs(strength).argmax())
    return unit, int(np.sign(strength[unit]))


def feature_table(
    seeds: Sequence[int], words: Sequence[str], traced: Mapping[str, np.ndarray], units: np.ndarray, signs: np.ndarray
) -> pd.DataFrame:
    """Gates and states of the features' units, a row per member, gate or state, word and feature.

    Args:
        words: T words.
        traced: gates and states by name, ``(seeds, T, units)``.
        units, signs: as `feature_units` returns them; states are turned so that high means that the feature holds.
    """
    tables = []
    for name in (name for name in (*GATES, *STATES) if name in traced):
        values = np.take_along_axis(traced[name], units[:, None], 2) * (1 if name in GATES else signs[:, None])
        seed, step, feature = (axis.ravel() for axis in np.indices(values.shape))
        columns = {
            "seed": np.asarray(seeds)[seed],
            "name": name,
            "word": np.asarray(words)[step],
            "step": step,
            "unit": units[seed, feature],
            "value": values.ravel(),
            "feature": np.array(FEATURES)[feature],
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def expectation_table(seeds: Sequence[int], words: Sequence[str], logits: np.ndarray) -> pd.DataFrame:
    """Probabilities of next words from ``logits (seeds, T, len(WORDS))``: a row per member, word and next word."""
    expected = probabilities(logits)
    seed, step, word = (axis.ravel() for axis in np.indices(expected.shape))
    shown = np.any(expected >= LEAST, axis=0, keepdims=True)[0, step, word]
    columns = {
        "seed": np.asarray(seeds)[seed],
        "name": "expected",
        "word": np.asarray(words)[step],
        "step": step,
        "unit": word,
        "value": expected.ravel(),
        "feature": np.array(list(INDEX))[word],
    }
    return pd.DataFrame(columns)[shown].reset_index(drop=True)
