"""The settings among which a tuning searches: ``{optimizer.lr: [1e-4, 1, log], model.forget_bias: [0, 3]}``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from seqprobe.checks import InvalidValue, number
from seqprobe.config.compose import quote_override

LOG, INTEGER = "log", "int"
"""Words after the ends of a range: values are drawn evenly by their logarithms; they are whole numbers."""
DIGITS = 4
"""Significant digits of values that are tried."""
ALLOWED = "must be [low, high], with the words log or int after them if they apply, or a list of names"


@dataclass(frozen=True)
class Dimension:
    """A setting and its possible values.

    Attributes:
        key: as on the command line.
        low, high: the ends of a range; unused with ``choices``.
        words: of `LOG` and `INTEGER`, those that apply.
        choices: names instead of a range.
    """

    key: str
    low: float = 0.0
    high: float = 0.0
    words: frozenset[str] = frozenset()
    choices: Sequence[str] = ()

    @property
    def ends(self) -> tuple[Any, Any]:
        """The first and the last of its values."""
        return (
            (self.choices[0], self.choices[-1]) if self.choices else (self.rounded(self.low), self.rounded(self.high))
        )

    def rounded(self, value: Any) -> Any:
        """A value as it is tried: a name, a whole number, or a number with few digits that is in the range."""
        if self.choices:
            return str(value)
        if INTEGER in self.words:
            return int(value)
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)

    def override(self, value: Any) -> str:
        """The override that sets it."""
        is_plain = not isinstance(value, str) or re.fullmatch(r"[\w./-]+", value)
        return f"{self.key}={value if is_plain else quote_override(value)}"

    def is_edge(self, value: Any) -> bool:
        """Whether a value is so close to an end of the range that the best one may be beyond it."""
        if self.choices or self.low == self.high:
            return False
        ends = [log(end) if LOG in self.words else end for end in (self.low, value, self.high)]
        return not 0.02 <= (ends[1] - ends[0]) / (ends[2] - ends[0]) <= 0.98


def parse_space(space: Any) -> list[Dimension]:
    """The dimensions of a space.

    Raises:
        InvalidValue: it is empty, or one of them is no range and no list of names.
    """
    if not isinstance(space, Mapping) or not space:
        raise InvalidValue("space", space, "must name settings, as in 'space={optimizer.lr: [1e-4, 1, log]}'")
    return [parse_dimension(str(key), value) for key, value in space.items()]


def parse_dimension(key: str, value: Any) -> Dimension:
    """One dimension.

    Raises:
        InvalidValue: it is no range and no list of names.
    """
    place = f"space.{key}"
    if not isinstance(value, list) or not value:
        raise InvalidValue(place, value, ALLOWED)
    if all(isinstance(name, str) for name in value):
        if len(set(value)) < len(value):
            raise InvalidValue(place, value, "names a choice twice")
        return Dimension(key, choices=value)
    words = value[2:]
    if len(value) < 2 or any(word not in (LOG, INTEGER) for word in words) or len(set(words)) < len(words):
        raise InvalidValue(place, value, ALLOWED)
    low, high = (number(place, end) for end in value[:2])
    if low >= high:
        raise InvalidValue(place, value, "is upside down or empty: a range is [low, high] with low < high")
    if LOG in words and low <= 0:
        raise InvalidValue(place, value, "a range with log begins above 0")
    if INTEGER in words and not (low.is_integer() and high.is_integer()):
        raise InvalidValue(place, value, "a range with int ends at whole numbers")
    return Dimension(key, low, high, frozenset(words))
