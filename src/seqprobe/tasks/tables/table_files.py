"""CSV and Parquet files as pieces of typed columns; a value of another type is found and named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.dataset as ds
import pyarrow.parquet as parquet

from seqprobe.checks import InvalidValue, single_line, suggestion
from seqprobe.tasks.tables.columns import value_problem

FORMATS = (".csv", ".parquet")
SEPARATORS = (",", ";", "\t")
SAMPLED = 2**16
"""Bytes from which the number of rows in a CSV file is estimated."""

Signature = tuple[tuple[Path, int, int], ...]
"""Files with their sizes and times of change."""
Types = Mapping[str, Any]
"""Names of columns, with what their values are read as: pyarrow's float64 or string."""


def table_files(path: Path) -> list[Path]:
    """The file itself, or all CSV or all Parquet files in a folder and those below it, by name.

    Raises:
        InvalidValue: there is none, or a folder has both kinds.
    """
    if not path.exists():
        raise InvalidValue("path", path, "there is no such file or folder")
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.suffix in FORMATS)
    kinds = {file.suffix for file in files}
    if not files or not kinds <= set(FORMATS):
        raise InvalidValue("path", path, "must be a .csv or .parquet file, or a folder of them")
    if len(kinds) > 1:
        raise InvalidValue("path", path, "has .csv and .parquet files: keep one kind in a folder")
    return files


def file_signature(path: Path) -> Signature:
    """What changes when a file does."""
    return tuple((file, file.stat().st_size, file.stat().st_mtime_ns) for file in table_files(path))


def open_file(file: Path, schema: Any = None) -> Any:
    """A file as a dataset of pyarrow's, with the types of ``schema`` or else those of its first rows.

    Raises:
        InvalidValue: it cannot be read.
    """
    kind: Any = "parquet"
    try:
        if file.suffix == ".csv":
            parsing = csv.ParseOptions(delimiter=separator(file))
            kind = ds.CsvFileFormat(parse_options=parsing)
        dataset = ds.dataset(file, schema, kind)
        assert dataset.schema.names  # which decodes them
        return dataset
    except (OSError, pa.ArrowException, UnicodeDecodeError) as problem:
        raise unreadable(file, problem) from problem


def unreadable(file: Path, problem: Exception) -> InvalidValue:
    """The error of a file that is no table."""
    if file.stat().st_size == 0:
        return InvalidValue("path", file, "is empty")
    if isinstance(problem, UnicodeDecodeError) or "invalid UTF8" in str(problem):
        return InvalidValue("path", file, "cannot be read: its text is not UTF-8")
    reason = single_line(problem).rpartition("Invalid: ")[2]
    return InvalidValue("path", file, f"cannot be read: {reason}")


def separator(file: Path) -> str:
    """What separates the columns of a CSV file: the commonest of commas, semicolons and tabs in its first line."""
    with file.open("rb") as source:
        header = source.readline().decode(errors="replace")
    return max(SEPARATORS, key=header.count)


def column_types(file: Path, numbers: Sequence[str], words: Sequence[str], either: Sequence[str]) -> dict[str, Any]:
    """What the columns of a table are read as.

    Raises:
        InvalidValue: there is no such column, or one that has to have numbers holds something else throughout.
    """
    schema = open_file(file).schema
    for name in (*numbers, *words, *either):
        if name not in schema.names:
            listed = f"{', '.join(schema.names)}{suggestion(name, schema.names)}"
            raise InvalidValue("path", file, f"has no column {name}; its columns are {listed}")
    types = {name: pa.float64() for name in numbers} | {name: pa.string() for name in words}
    for name in either:
        kind = schema.field(name).type
        types[name] = pa.string() if is_text(kind) or pa.types.is_boolean(kind) else pa.float64()
    return types


def is_text(kind: Any) -> bool:
    """Whether a type of pyarrow's is one of its types of text."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def read_pieces(file: Path, types: Types) -> Iterator[Any]:
    """The record batches of a file, one after the other, with the columns of ``types``.

    Raises:
        InvalidValue: it lacks a column or cannot be read, or one of its values is no number.
    """
    schema = pa.schema(list(types.items()))
    column_types(file, tuple(types), (), ())
    dates = [name for name in types if pa.types.is_temporal(open_file(file).schema.field(name).type)]
    source = open_file(file, schema if file.suffix == ".csv" and not dates else None)
    try:
        for piece in source.to_batches(columns=list(types)):
            yield piece if piece.schema.equals(schema) else cast_piece(piece, schema)
    except (OSError, pa.ArrowException, UnicodeDecodeError) as problem:
        raise wrong_value(file, types) or unreadable(file, problem) from problem


def cast_piece(piece: Any, schema: Any) -> Any:
    """A record batch with the types of ``schema``; dates and times become seconds.

    Raises:
        pa.ArrowException: a value does not fit.
    """
    arrays = []
    for field in schema:
        column = piece.column(field.name)
        if pa.types.is_temporal(column.type) and field.type == pa.float64():
            column = pc.divide(pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64()).cast(pa.float64()), 1e6)
        arrays.append(pc.cast(column, field.type, safe=False))
    return pa.record_batch(arrays, schema=schema)


def wrong_value(file: Path, types: Types) -> InvalidValue | None:
    """The error of the first value that is no number where one is expected; None if all are numbers."""
    wanted, before = [name for name, kind in types.items() if kind == pa.float64()], 0
    try:
        plain = pa.schema([(name, pa.string()) for name in wanted]) if file.suffix == ".csv" else None
        for piece in open_file(file, plain).to_batches(columns=wanted):
            for row in range(len(piece)) if has_wrong_value(piece) else ():
                for name in wanted:
                    value = piece.column(name)[row].as_py()
                    if not is_number(value):
                        return value_problem(file, before + row + 1, name, f"{value!r} is not a number")
            before += len(piece)
    except (OSError, pa.ArrowException, UnicodeDecodeError):  # the file itself is damaged
        return None
    return None


def has_wrong_value(piece: Any) -> bool:
    """Whether some value of a piece is no number."""
    try:
        cast_piece(piece, pa.schema([(name, pa.float64()) for name in piece.schema.names]))
    except pa.ArrowException:
        return True
    return False


def is_number(value: Any) -> bool:
    """Whether a value can be read as a number; an empty one counts as missing, which is found later."""
    try:
        return value in (None, "") or float(value) is not None
    except (TypeError, ValueError):
        return False


def estimated_rows(file: Path) -> int:
    """How many rows a file has: a Parquet file says it, of a CSV file it follows from the length of its first rows."""
    if file.suffix == ".parquet":
        return int(parquet.read_metadata(file).num_rows)
    with file.open("rb") as source:
        start = source.read(SAMPLED)
    return int(file.stat().st_size * start.count(b"\n") / max(1, len(start)))
