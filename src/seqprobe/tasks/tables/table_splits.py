"""Which sequences of a table train, validate and are probed: as a column says, or as a seed draws them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqprobe.checks import InvalidValue, number
from seqprobe.seeds import stream
from seqprobe.tasks.splits import Split
from seqprobe.tasks.tables.columns import Origin, Words
from seqprobe.tasks.tables.row_checks import check_constant

SPLITS = ("train", "val", "probe")
"""What a column of splits may hold."""
VAL_SHARE = 0.2
"""The share of sequences that validate where the table has no column of splits."""


def split_of_sequences(
    origin: Origin, order: np.ndarray | None, starts: np.ndarray, name: str, words: Words, sequences: Sequence[str]
) -> np.ndarray:
    """The index of each sequence's split in `SPLITS`, ``(sequences,)``; ``sequences`` are their names.

    Raises:
        InvalidValue: a value is none of `SPLITS`, or a sequence is in two of them.
    """
    for code, text in enumerate(words.names):
        if text not in SPLITS:
            at = int(np.flatnonzero(words.codes == code)[0])
            row = at if order is None else int(order[at])
            raise origin.problem(row, name, f"{text!r} is none of {', '.join(SPLITS)}")
    check_constant(origin, order, starts, name, words.codes, sequences)
    places = np.array([SPLITS.index(text) for text in words.names])
    parts: np.ndarray = places[words.codes[starts[:-1]]]
    if missing := {"train", "val"} - {SPLITS[index] for index in np.unique(parts)}:
        raise InvalidValue("split", name, f"no row of {origin.path.name} is of {' or '.join(sorted(missing))}")
    return parts


def stated_splits(parts: np.ndarray) -> dict[Split, np.ndarray]:
    """The numbers of the sequences of each split, from indices into `SPLITS`, ``(sequences,)``.

    What validates is probed where nothing is set apart for probes.
    """
    train, val, probe = (np.flatnonzero(parts == index) for index in range(len(SPLITS)))
    return {"train": train, "val": val, "probe": probe if len(probe) else val}


def drawn_splits(count: int, val_share: float, seed: int) -> dict[Split, np.ndarray]:
    """The numbers of the sequences of each split, of ``count`` >= 2 in all, as a seed draws them."""
    shuffled = np.random.default_rng(stream(seed, "split")).permutation(count)
    val, train = np.split(shuffled, [min(max(1, round(val_share * count)), count - 1)])
    return {"train": np.sort(train), "val": np.sort(val), "probe": np.sort(val)}


def checked_share(val_share: float | None, split: str | None) -> float:
    """The share of sequences that validate, `VAL_SHARE` if none is stated.

    Raises:
        InvalidValue: it is no share, or a column of splits is stated as well.
    """
    if split and val_share is not None:
        raise InvalidValue("val_share", val_share, f"must be null with split={split}, which says what validates")
    share = number("val_share", VAL_SHARE if val_share is None else val_share)
    if not 0 < share < 1:
        raise InvalidValue("val_share", val_share, "must be in (0, 1)")
    return share
