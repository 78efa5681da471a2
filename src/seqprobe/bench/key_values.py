"""Arguments ``key=value`` of the measuring commands, and the .csv files in docs/ that keep what they measure."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from seqprobe.checks import InvalidValue, integer
from seqprobe.config.places import resources
from seqprobe.config.targets import check_keys

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Row = Mapping[str, str | float]


def read_settings(arguments: Sequence[str], kind: type[T]) -> T:
    """The dataclass ``kind`` with the stated values, which are YAML; its constructor checks them.

    Raises:
        InvalidValue: an argument is no ``key=value``, or does not fit.
    """
    stated: dict[str, Any] = {}
    for argument in arguments:
        key, equals, text = argument.partition("=")
        try:
            stated[key] = yaml.safe_load(text)
        except yaml.YAMLError as problem:
            raise InvalidValue(key, text, "must be a value in YAML") from problem
        if not equals:
            raise InvalidValue(key, "", "must be key=value")
    fields = dataclasses.fields(kind)
    check_keys("", stated, [field.name for field in fields])
    return kind(**stated)


def integers(key: str, values: Any) -> list[int]:
    """One integer >= 1, or several in ``[…]``.

    Raises:
        InvalidValue: it is something else, or empty.
    """
    listed = list(values) if isinstance(values, list | tuple) else [values]
    if not listed:
        raise InvalidValue(key, values, "must be a list that is not empty")
    return [integer(key, value) for value in listed]


def kept_file(name: str) -> Path:
    """The file in docs/ that keeps the rows of a measurement."""
    return resources("docs") / f"scaling_{name}.csv"


def kept_rows(name: str) -> list[dict[str, str]]:
    """The rows of a measurement."""
    with kept_file(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep_rows(name: str, rows: Sequence[Row], key: Sequence[str]) -> None:
    """Write rows; those with other values in the columns of ``key`` stay as they are."""
    before = kept_rows(name) if kept_file(name).exists() else []
    new = {tuple(str(row[column]) for column in key): {c: shown(value) for c, value in row.items()} for row in rows}
    old = {tuple(row[column] for column in key): row for row in before}
    merged = list({**old, **new}.values())
    with kept_file(name).open("w", encoding="utf-8", newline="") as file:
        columns = dict.fromkeys(column for row in merged for column in row)
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(merged)


def shown(value: str | float) -> str:
    """A value as it is kept: four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
