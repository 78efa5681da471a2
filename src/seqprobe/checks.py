"""Argument checks whose message names the key, the value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any


class InvalidValue(ValueError):
    """An argument that cannot be used.

    Attributes:
        key: the config key to change, relative to the config node that was being built.
        value: the argument.
        allowed: what is allowed instead, or what is wrong.
    """

    def __init__(self, key: str, value: Any, allowed: str) -> None:
        super().__init__(f"{key}={override_text(value)}: {allowed}")
        self.key, self.value, self.allowed = key, value, allowed


def override_text(value: Any) -> str:
    """Write a value as on the command line: ``null``, ``true``, ``[0.5,0.1]``; a config node becomes ``{…}``."""
    if isinstance(value, list | tuple):
        return f"[{','.join(map(override_text, value))}]"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def single_line(problem: BaseException) -> str:
    """An error's message in one line."""
    return " ".join(str(problem).split())


def integer(key: str, value: Any, minimum: int = 1) -> int:
    """Return ``value`` if it is an integer of at least ``minimum``.

    Raises:
        InvalidValue: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise InvalidValue(key, value, f"must be an integer >= {minimum}")
    return value


def number(key: str, value: Any) -> float:
    """Return ``value`` as a finite float.

    Raises:
        InvalidValue: it is not a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidValue(key, value, "must be a finite number")
    return float(value)


def interval(key: str, value: Any) -> tuple[float, float]:
    """Return a number as ``(number, number)`` and a pair ``[low, high]`` as ``(low, high)``.

    Raises:
        InvalidValue: it is neither, or low > high.
    """
    if isinstance(value, int | float):
        return number(key, value), number(key, value)
    if not isinstance(value, Iterable) or isinstance(value, str) or len(pair := list(value)) != 2:
        raise InvalidValue(key, value, "must be a number or a range [low, high]")
    low, high = number(key, pair[0]), number(key, pair[1])
    if low > high:
        raise InvalidValue(key, list(pair), "is upside down: a range is [low, high] with low <= high")
    return low, high


def choice(key: str, value: Any, allowed: Iterable[str]) -> str:
    """Return ``value`` if it is one of ``allowed``.

    Raises:
        InvalidValue: it is not.
    """
    if value not in (names := list(allowed)):
        raise InvalidValue(key, value, f"must be one of {', '.join(names)}")
    return str(value)
