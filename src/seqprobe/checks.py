"""Argument checks whose message names the key, the value and what is allowed."""

from __future__ import annotations

import difflib
import math
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NAME = re.compile(r"\w([\w .-]*\w)?")
"""What a name may be that becomes part of files' and metrics' names: MLflow takes no more in metrics."""
LONGEST_NAME = 100
"""Bytes. A file's name may have 255, of which some are left to what is added."""
PLAIN_NAME = f"must be text of letters, digits, _, and inside it blanks, . and -; at most {LONGEST_NAME} bytes"
LONGEST_SHOWN = 200
"""Characters of a value in a message."""
MOST = 10**9
"""The largest size: beyond it nothing fits into a machine's memory, or ends in a lifetime."""
LARGEST_WEIGHT = 1e30
"""The largest initial weight or bias; larger ones overflow in single precision before anything is learned."""
NO_VALUE = object()
"""In an `InvalidValue` that is about no config key: its message is ``key: what is wrong``."""
LONGEST_PART, LONGEST_PATH = 255, 4000
"""Bytes in a file's name and in a path that Linux takes, with some left to what is added."""


class InvalidValue(ValueError):
    """An argument that cannot be used.

    Attributes:
        key: the config key to change, relative to the config node that was being built.
        value: the argument.
        allowed: what is allowed instead, or what is wrong.
    """

    def __init__(self, key: str, value: Any, allowed: str) -> None:
        stated = "" if value is NO_VALUE else f"={shorten(override_text(value))}"
        super().__init__(f"{key}{stated}: {allowed}")
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


def shorten(text: str) -> str:
    """Cut the middle out of a long text."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN // 2]} … {text[-LONGEST_SHOWN // 4 :]}"


def printable(text: str) -> str:
    """A text in which characters that could command a terminal, or reverse a line, are escaped."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def single_line(problem: BaseException) -> str:
    """An error's message in one line, without control characters."""
    return printable(" ".join(str(problem).split()))


def integer(key: str, value: Any, minimum: int = 1, maximum: int = MOST) -> int:
    """Return ``value`` if it is an integer in ``minimum`` … ``maximum``.

    Raises:
        InvalidValue: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise InvalidValue(key, value, f"must be an integer >= {minimum}")
    if value > maximum:
        raise InvalidValue(key, value, f"must be an integer in {minimum} … {maximum}")
    return value


def number(key: str, value: Any, largest: float = sys.float_info.max) -> float:
    """Return ``value`` as a finite float.

    Raises:
        InvalidValue: it is not a finite number in ``-largest … largest``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == math.inf:
        raise InvalidValue(key, value, "must be a finite number")
    if abs(value) > largest:
        raise InvalidValue(key, value, f"must be a number in -{largest:.3g} … {largest:.3g}")
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
        raise InvalidValue(key, value, one_of(value, names))
    return str(value)


def one_of(value: Any, names: Iterable[str]) -> str:
    """What is allowed where one of some names is expected, and which of them may be meant."""
    listed = list(names)
    return f"must be one of {', '.join(listed)}{suggestion(value, listed)}"


def suggestion(value: Any, names: Iterable[str]) -> str:
    """A question for the name that a value resembles; empty if it resembles none."""
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(str(value).lower(), by_lower, 1)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""


def plain_name(key: str, value: Any) -> str:
    """Return ``value`` if it can be part of the names of files, metrics and MLflow's experiments.

    Raises:
        InvalidValue: it is no text, empty, too long, or has other characters.
    """
    if not is_plain_name(value):
        raise InvalidValue(key, value, PLAIN_NAME)
    return str(value)


def is_plain_name(value: Any) -> bool:
    """Whether it can be part of the names of files, metrics and MLflow's experiments."""
    return isinstance(value, str) and NAME.fullmatch(value) is not None and len(value.encode()) <= LONGEST_NAME


def user_path(key: str, value: Any) -> Path:
    """The absolute path that a user stated; ``~`` is the home folder.

    Raises:
        InvalidValue: it is no text, empty, too long, or has control characters, or there is no such home folder.
    """
    text = str(value)
    if not isinstance(value, str | Path) or not text or not text.isprintable():
        raise InvalidValue(key, value, "must be a path: text without control characters")
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:
        raise InvalidValue(key, value, "there is no such home folder") from None
    lengths = [len(os.fsencode(part)) for part in path.parts]
    if max(lengths) > LONGEST_PART or sum(lengths) + len(lengths) > LONGEST_PATH:
        raise InvalidValue(key, value, f"is too long: at most {LONGEST_PATH} bytes, and {LONGEST_PART} between slashes")
    return path
