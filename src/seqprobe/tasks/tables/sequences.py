"""The sequences of a table in long format: its rows, ordered by sequence and step, and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from seqprobe.checks import InvalidValue
from seqprobe.tasks.tables.columns import Origin, Words
from seqprobe.tasks.tables.files import file_signature
from seqprobe.tasks.tables.reading import Column, read_columns
from seqprobe.tasks.tables.row_checks import check_complete, check_constant, check_steps, usual_difference

SPLITS = ("train", "val", "probe")
"""What a column of splits may hold."""


@dataclass(frozen=True)
class Layout:
    """The columns of a table and what they mean.

    Attributes:
        sequence: names the sequence of each row.
        step: numbers the rows of a sequence, or has their times; None: they are in order.
        features: the inputs.
        targets: what is to be predicted.
        split: holds `SPLITS`; None where sequences are split by chance.
        is_constant: whether targets have to be the same throughout a sequence.
        classes: whether the target is a class; None: if it is text.
    """

    sequence: str
    step: str | None
    features: tuple[str, ...]
    targets: tuple[str, ...]
    split: str | None = None
    is_constant: bool = False
    classes: bool | None = None


@dataclass(frozen=True)
class SequenceTable:
    """Sequences one after the other, each with its rows in the order of their steps.

    Attributes:
        origin: where rows come from.
        order: ``(rows,)`` the place of each row in the files; None: they are in order there.
        starts: ``(sequences + 1,)`` the first row of each sequence, and the number of rows.
        names: of the sequences.
        columns: features and targets.
        parts: ``(sequences,)`` indices into `SPLITS`; None without a column of splits.
        step_size: between two rows of a sequence.
    """

    origin: Origin
    order: np.ndarray | None
    starts: np.ndarray
    names: Sequence[str]
    columns: Mapping[str, Column]
    parts: np.ndarray | None
    step_size: float

    @property
    def lengths(self) -> np.ndarray:
        """Rows of each sequence, ``(sequences,)``."""
        return np.diff(self.starts)

    def padded(self, values: np.ndarray, sequences: np.ndarray, time: int, shift: int = 0) -> np.ndarray:
        """Values ``(rows,)`` of some sequences from their row ``shift`` on, zeros after the end: ``(sequences, time)``.

        Sequences that are longer are cut.
        """
        starts, counts = self.starts[sequences] + shift, np.minimum(self.lengths[sequences] - shift, time)
        mask = np.arange(time) < counts[:, None]
        padded = np.zeros(mask.shape, values.dtype)
        padded[mask] = values[(starts[:, None] + np.arange(time))[mask]]
        return padded

    def groups(self, column: str) -> tuple[np.ndarray, Sequence[str]]:
        """The group of each sequence by another column of the files: indices ``(sequences,)`` into the groups' names.

        Raises:
            InvalidValue: there is no such column, a value is missing, or it changes within a sequence.
        """
        _, columns = read_columns(self.origin.path, words=(column,))
        words = columns[column]
        assert isinstance(words, Words)
        ordered = words if self.order is None else replace(words, codes=words.codes[self.order])
        check_complete(self.origin, self.order, {column: ordered})
        check_constant(self.origin, self.order, self.starts, column, ordered.codes, "another group than the row before")
        return ordered.codes[self.starts[:-1]], words.names


def load_sequences(path: Path, layout: Layout) -> SequenceTable:
    """The sequences of a file or a folder of files; unchanged files are read once in a process.

    Raises:
        InvalidValue: something in the files does not fit; it names the file, the row and the column.
    """
    return _load(path, file_signature(path), layout)


@lru_cache(maxsize=2)
def _load(path: Path, signature: object, layout: Layout) -> SequenceTable:
    words = [layout.sequence, *([layout.split] if layout.split else [])]
    numbers = [*([layout.step] if layout.step else []), *layout.features]
    targets = [name for name in layout.targets if name not in numbers]
    either = targets if layout.classes is None else ()
    if layout.classes is not None:
        (words if layout.classes else numbers).extend(targets)
    origin, columns = read_columns(path, tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(words)), tuple(either))
    check_complete(origin, None, columns)
    order, starts, columns = ordered_rows(columns, layout)
    if layout.step:
        check_steps(origin, order, starts, layout.step, columns[layout.step])
    sequences, parts = columns[layout.sequence], None
    assert isinstance(sequences, Words)
    if layout.split:
        parts = split_of_sequences(origin, order, starts, layout.split, columns[layout.split])
    if layout.is_constant:
        for name in layout.targets:
            column = columns[name]
            values = column.codes if isinstance(column, Words) else column
            check_constant(origin, order, starts, name, values, "another target than the row before, in one sequence")
    size = usual_difference(starts, columns[layout.step]) if layout.step else 1.0
    kept = {name: columns[name] for name in (*layout.features, *layout.targets)}
    return SequenceTable(origin, order, starts, sequences.names, kept, parts, size)


def ordered_rows(
    columns: Mapping[str, Column], layout: Layout
) -> tuple[np.ndarray | None, np.ndarray, dict[str, Column]]:
    """The order of rows by sequence and step (None: as they are), where sequences start, and the ordered columns."""
    sequences = columns[layout.sequence]
    assert isinstance(sequences, Words)
    codes, steps = sequences.codes, columns[layout.step] if layout.step else None
    same = codes[1:] == codes[:-1]
    is_ordered = bool((codes[1:] >= codes[:-1]).all())
    if isinstance(steps, np.ndarray):
        is_ordered = is_ordered and bool((~same | (steps[1:] > steps[:-1])).all())
    order = None
    if not is_ordered:
        order = np.argsort(codes, kind="stable") if steps is None else np.lexsort((steps, codes))
        columns = {
            name: replace(column, codes=column.codes[order]) if isinstance(column, Words) else column[order]
            for name, column in columns.items()
        }
        codes = codes[order]
    starts = np.concatenate([[0], np.flatnonzero(codes[1:] != codes[:-1]) + 1, [len(codes)]])
    return order, starts, dict(columns)


def split_of_sequences(
    origin: Origin, order: np.ndarray | None, starts: np.ndarray, name: str, words: Column
) -> np.ndarray:
    """The index of each sequence's split in `SPLITS`, ``(sequences,)``.

    Raises:
        InvalidValue: a value is none of `SPLITS`, or a sequence is in two of them.
    """
    assert isinstance(words, Words)
    for code, text in enumerate(words.names):
        if text not in SPLITS:
            at = int(np.flatnonzero(words.codes == code)[0])
            row = at if order is None else int(order[at])
            raise origin.problem(row, name, f"{text!r} is none of {', '.join(SPLITS)}")
    check_constant(origin, order, starts, name, words.codes, "another split than the row before, in one sequence")
    places = np.array([SPLITS.index(text) for text in words.names])
    parts: np.ndarray = places[words.codes[starts[:-1]]]
    if missing := {"train", "val"} - {SPLITS[index] for index in np.unique(parts)}:
        raise InvalidValue("split", name, f"no row of {origin.path.name} is of {' or '.join(sorted(missing))}")
    return parts
