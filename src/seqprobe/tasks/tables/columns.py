"""Columns of a table that lies in one or several files, and where in which file each of their values is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqprobe.checks import InvalidValue

Numbers = np.ndarray
"""Float64, ``(rows,)``; NaN where a value is missing."""


@dataclass(frozen=True)
class Words:
    """A column of text.

    Attributes:
        codes: ``(rows,)`` int32, the index of each row's text in ``names``; -1 where a value is missing.
        names: the distinct texts, in the order in which they first occur.
    """

    codes: np.ndarray
    names: Sequence[str]


@dataclass(frozen=True)
class Origin:
    """The files that rows come from.

    Attributes:
        path: the file or folder that the user named.
        files: the files that were read, in their order.
        ends: ``(files,)`` the number of rows up to the end of each file.
    """

    path: Path
    files: Sequence[Path]
    ends: np.ndarray

    def problem(self, row: int, column: str, words: str) -> InvalidValue:
        """The error of a value: its file, row (from 1, without the header) and column, and what is wrong with it."""
        index = int(np.searchsorted(self.ends, row, side="right"))
        within = row - (int(self.ends[index - 1]) if index else 0) + 1
        return value_problem(self.files[index], within, column, words)


def value_problem(file: Path, row: int, column: str, words: str) -> InvalidValue:
    """The error of a value in the row ``row`` of a file, from 1; in CSV, the header is the first line."""
    line = f" (line {row + 1})" if file.suffix == ".csv" else ""
    return InvalidValue("path", file, f"row {row}{line}, column {column}: {words}")
