"""Help in the width of the terminal."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap

COLUMN = re.compile(r"\s+\S+\s{2,}")
"""A name in a column in front of its text."""


def terminal_columns() -> int | None:
    """The width of the terminal, or None where the output is none and is left unwrapped."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wrap_help(text: str, columns: int) -> str:
    """Text whose lines fit into so many columns, but for commands, which are there to be copied."""
    return "\n".join(wrap_line(line, columns) for line in text.splitlines())


def wrap_line(line: str, columns: int) -> str:
    """A line and its continuations, which begin below its text where it starts with a name in a column."""
    if line.lstrip().startswith("python "):
        return line
    name = COLUMN.match(line)
    is_list = re.match(r"\S+: ", line) is not None
    indent = " " * (len(name[0]) if name else 4 * is_list)
    width = max(columns, len(indent) + 20)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
