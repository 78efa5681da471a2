"""Which columns of a table mean what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqprobe.checks import InvalidValue


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


def check_roles(layout: Layout) -> None:
    """Refuse a column that names sequences or splits as one of numbers.

    Raises:
        InvalidValue: there is one.
    """
    names = {layout.sequence: "sequences", layout.split: "splits"}
    numbers = [("step", layout.step), *(("features", feature) for feature in layout.features)]
    for key, column in numbers:
        if column is not None and column in names:
            raise InvalidValue(
                key, column, f"must be a column of numbers, and this one has the names of {names[column]}"
            )


def column_name(key: str, name: object) -> str:
    """A column's name as text.

    Raises:
        InvalidValue: it is none.
    """
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        raise InvalidValue(key, name, "must be the name of a column")
    return str(name)


def column_names(key: str, names: object) -> tuple[str, ...]:
    """Different columns' names.

    Raises:
        InvalidValue: it is no list of names, is empty, or has one twice.
    """
    if isinstance(names, str) or not isinstance(names, Sequence) or not names:
        raise InvalidValue(key, names, "must be a list of columns")
    listed = tuple(column_name(key, name) for name in names)
    if len(set(listed)) < len(listed):
        raise InvalidValue(key, listed, "has a column twice")
    return listed
