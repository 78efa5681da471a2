"""Read columns from CSV or Parquet files, or a folder of them, piece by piece."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from seqprobe.checks import InvalidValue
from seqprobe.tasks.tables.columns import Numbers, Origin, Words
from seqprobe.tasks.tables.table_files import column_types, estimated_rows, read_pieces, table_files

BAR_FROM = 500_000
"""Rows from which reading takes so long that a bar is shown."""

Column = Numbers | Words


def read_columns(
    path: Path, numbers: Sequence[str] = (), words: Sequence[str] = (), either: Sequence[str] = ()
) -> tuple[Origin, dict[str, Column]]:
    """The named columns of a file or folder, and where their rows are.

    Args:
        numbers: columns of numbers, or of dates and times, which become seconds.
        words: columns whose values are names, whatever they look like.
        either: columns of numbers if the first rows have nothing else, and of names otherwise.

    Raises:
        InvalidValue: there is no such file or column, a file cannot be read or is empty, or a value is no number.
    """
    files = table_files(path)
    types = column_types(files[0], numbers, words, either)
    pieces: dict[str, list[Any]] = {name: [] for name in types}
    ends, count = [], 0
    with loading_bar(path, sum(estimated_rows(file) for file in files)) as report:
        for file in files:
            for piece in read_pieces(file, types):
                count += len(piece)
                report(count)
                for name, kind in types.items():
                    pieces[name].append(converted(piece.column(name), kind))
            ends.append(count)
    if not count:
        raise InvalidValue("path", path, "has no rows")
    return Origin(path, files, np.array(ends)), {name: join(pieces.pop(name), kind) for name, kind in types.items()}


def converted(column: Any, kind: Any) -> Any:
    """A piece of a column as it is kept: numbers in an array, text by the indices of its distinct values."""
    return column.dictionary_encode() if kind == pa.string() else column.to_numpy(zero_copy_only=False)


def join(pieces: list[Any], kind: Any) -> Column:
    """The pieces of a column as one; empty text is missing."""
    if kind != pa.string():
        return np.concatenate(pieces)
    whole = pa.chunked_array(pieces).unify_dictionaries().combine_chunks()
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    names = whole.dictionary.to_pylist()
    if "" in names:
        codes[codes == names.index("")] = -1
    return Words(codes, names)


@contextmanager
def loading_bar(path: Path, rows: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while many rows are read; yields what is called with the number of rows so far.

    Not in a worker of a sweep, whose parent draws its own bars.
    """
    console = Console(stderr=True)
    hidden = rows < BAR_FROM or not console.is_terminal or multiprocessing.parent_process() is not None
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(f"reading {path.name}", total=rows)
        yield lambda count: progress.update(task, completed=min(count, rows))
