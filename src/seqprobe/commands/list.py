"""What pipelines/list.py does: print what can be chosen, with a line each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from seqprobe.checks import InvalidValue
from seqprobe.config.choices import GROUPS, choices, claims, defaults, value_texts
from seqprobe.run.command_lines import command_here
from seqprobe.run.help_text import terminal_columns

LONGEST_NAME = 24
"""Columns of names in front of their texts; the text of a longer name begins below it."""


def print_choices(arguments: Sequence[str] = ()) -> None:
    """Print every group with its choices, in the terminal's width; unwrapped where the output is no terminal.

    Raises:
        InvalidValue: there are arguments.
    """
    if arguments and arguments[0] not in ("-h", "--help"):
        raise InvalidValue("list", arguments[0], "takes no arguments, and prints everything that can be chosen")
    columns, chosen = terminal_columns(), defaults()
    for group, title in GROUPS.items():
        print(f"{title} ({group}=…{f', default {chosen[group]}' if chosen.get(group) else ''})")
        for line in choice_lines(choices(group), columns):
            print(line)
    print("values")
    for line in choice_lines({f"{key}={chosen[key]}": text for key, text in value_texts().items()}, columns):
        print(line)
    print(f"claims ({command_here('reproduce', 'claims=[…]')})")
    for line in choice_lines(claims(), columns):
        print(line)


def choice_lines(texts: Mapping[str, str], columns: int | None) -> Iterator[str]:
    """Lines with each name and its text: in two columns if ``columns`` are enough, else the text below the name."""
    width = max(map(len, texts))
    for name, text in texts.items():
        if columns is None:
            yield f"  {name:<{width}}  {text}"
            continue
        is_beside = len(name) <= LONGEST_NAME
        indent = " " * (4 + min(width, LONGEST_NAME) if is_beside else 6)
        lines = textwrap.wrap(text, max(columns - len(indent), 20), break_long_words=False)
        yield f"  {name}".ljust(len(indent)) + lines.pop(0) if is_beside else f"  {name}"
        yield from (indent + line for line in lines)
