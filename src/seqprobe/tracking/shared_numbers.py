"""Numbers that a process and a fork of it take turns to take, each once: whoever is free takes the next one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

BYTES = 4
"""Of a number in the pipe, which holds 16,000 numbers at least."""


@contextmanager
def shared_numbers(count: int) -> Iterator[Iterator[int]]:
    """The numbers from 0 up to, not including, ``count``, for this process and those that it forks in the block.

    They lie in a pipe, from which a process reads a whole number or nothing: unlike a lock, it cannot be left closed by
    a process that is killed.
    """
    source, sink = os.pipe()
    try:
        try:
            os.write(sink, b"".join(number.to_bytes(BYTES, "big") for number in range(count)))
        finally:
            os.close(sink)
        yield numbers_from(source)
    finally:
        os.close(source)


def numbers_from(source: int) -> Iterator[int]:
    """The numbers that are left in a pipe."""
    while read := os.read(source, BYTES):
        yield int.from_bytes(read, "big")
