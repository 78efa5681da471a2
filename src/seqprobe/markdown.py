"""Markdown as MLflow's pages show it."""

from __future__ import annotations

import re

from seqprobe.checks import printable

GAP = "&emsp;"
"""Between columns of a table: MLflow's pages leave none."""


def markdown_text(text: str) -> str:
    """A text as it is in Markdown, where it might be read as markup, HTML or the end of a table's field."""
    return re.sub(r"([\\`*<>|]|\](?=[(\[:]))", r"\\\1", printable(" ".join(text.split())))
