"""README and the pages of docs/, with the commands, messages and example files that they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/notebooks").glob("*.md"))]
NAMES = [str(document.relative_to(ROOT)) for document in DOCUMENTS]
FENCE = re.compile(r"^```(\S+).*?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLE = re.compile(r"<!-- example: my_conf/(\S+) -->\n```\w+\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A command with the lines that it prints."""

    arguments: list[str]
    output: list[str]


def text(name: str) -> str:
    """A document by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [content for kind, content in FENCE.findall(text(name)) if kind == language]


def commands(name: str) -> Iterator[list[str]]:
    """Every command in a `bash` block, as arguments without comments."""
    for block in blocks(name, "bash"):
        lines = block.replace("\\\n", " ").splitlines()
        yield from (words for line in lines if (words := shlex.split(line, comments=True)))


def consoles(name: str) -> Iterator[Shown]:
    """Every command in a `console` block with its output."""
    for block in blocks(name, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.splitlines()
            yield Shown(shlex.split(command, comments=True), output)


def examples(name: str) -> dict[str, str]:
    """The example files that a document shows, by their path in ``my_conf``."""
    return dict(EXAMPLE.findall(text(name)))


def write_examples(name: str, folder: Path) -> Path:
    """Write the example files of a document below ``folder``; the folder that ``--config-dir`` takes."""
    for file, content in examples(name).items():
        path = folder / "my_conf" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder / "my_conf"
