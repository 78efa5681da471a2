"""The sequences of a table in long format: its rows, ordered by sequence and step, and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from seqprobe.checks import InvalidValue
from seqprobe.tasks.tables.columns import Origin, Words
from seqprobe.tasks.tables.layout import Layout
from seqprobe.tasks.tables.reading import Column, read_columns
from seqprobe.tasks.tables.row_checks import check_complete, check_constant, check_steps, usual_difference
from seqprobe.tasks.tables.table_files import file_signature, is_number
from seqprobe.tasks.tables.table_splits import split_of_sequences

MOST_CLASSES = 1000
"""More are numbers, or names of sequences."""


@dataclass(frozen=True)
class SequenceTable:
    """Sequences one after the other, each with its rows in the order of their steps.

    Attributes:
        origin: where rows come from.
        order: ``(rows,)`` the place of each row in the files; None: they are in order there.
        starts: ``(sequences + 1,)`` the first row of each sequence, and the number of rows.
        names: of the sequences.
        columns: features and targets by name, ``(rows,)`` each: float64, or int64 indices into ``classes``.
        classes: names of the classes, sorted; empty for targets that are numbers.
        parts: ``(sequences,)`` indices into `SPLITS`; None without a column of splits.
        step_size: between two rows of a sequence.
    """

    origin: Origin
    order: np.ndarray | None
    starts: np.ndarray
    names: Sequence[str]
    columns: Mapping[str, np.ndarray]
    classes: tuple[str, ...]
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
        check_constant(self.origin, self.order, self.starts, column, ordered.codes, self.names)
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
    steps = columns.get(layout.step or "")
    if layout.step and isinstance(steps, np.ndarray):
        check_steps(origin, order, starts, layout.step, steps)
    sequences, parts = columns[layout.sequence], None
    assert isinstance(sequences, Words)
    split = columns.get(layout.split or "")
    if layout.split and isinstance(split, Words):
        parts = split_of_sequences(origin, order, starts, layout.split, split, sequences.names)
    if layout.is_constant:
        for name in layout.targets:
            column = columns[name]
            values = column.codes if isinstance(column, Words) else column
            check_constant(origin, order, starts, name, values, sequences.names)
    size = usual_difference(starts, steps) if isinstance(steps, np.ndarray) else 1.0
    classes, kept = indexed_classes(
        {name: columns[name] for name in (*layout.features, *layout.targets)}, layout.targets
    )
    return SequenceTable(origin, order, starts, sequences.names, kept, classes, parts, size)


def indexed_classes(
    columns: Mapping[str, Column], targets: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
    """The sorted classes of the column that holds text, and all columns with indices of classes in its place.

    Raises:
        InvalidValue: there are other targets, or so many different texts that they are no classes.
    """
    texts = {name: column for name, column in columns.items() if isinstance(column, Words)}
    numbers = {name: column for name, column in columns.items() if isinstance(column, np.ndarray)}
    if not texts:
        return (), numbers
    name, words = next(iter(texts.items()))
    if len(targets) > 1:
        raise InvalidValue("targets", targets, f"must be one column where it holds classes, as {name} does")
    if len(words.names) > MOST_CLASSES:
        raise InvalidValue("targets", targets, f"{name} has {len(words.names)} classes: at most {MOST_CLASSES}")
    classes = sorted(words.names, key=lambda text: (float(text), text) if is_number(text) else (np.inf, text))
    places = np.array([classes.index(text) for text in words.names])
    return tuple(classes), {**numbers, name: places[words.codes]}


def ordered_rows(
    columns: Mapping[str, Column], layout: Layout
) -> tuple[np.ndarray | None, np.ndarray, dict[str, Column]]:
    """The order of rows by sequence and step (None: as they are), where sequences start, and the ordered columns."""
    sequences = columns[layout.sequence]
    assert isinstance(sequences, Words)
    codes, steps = sequences.codes, columns.get(layout.step or "")
    same = codes[1:] == codes[:-1]
    is_ordered = bool((codes[1:] >= codes[:-1]).all())
    if isinstance(steps, np.ndarray):
        is_ordered = is_ordered and bool((~same | (steps[1:] > steps[:-1])).all())
    order = None
    if not is_ordered:
        order = np.argsort(codes, kind="stable")
        if isinstance(steps, np.ndarray):
            order = np.lexsort((steps, codes))
        columns = {
            name: replace(column, codes=column.codes[order]) if isinstance(column, Words) else column[order]
            for name, column in columns.items()
        }
        codes = codes[order]
    starts = np.concatenate([[0], np.flatnonzero(codes[1:] != codes[:-1]) + 1, [len(codes)]])
    return order, starts, dict(columns)
