"""What can be chosen: every choice in conf/, with the first sentence of its YAML's comment."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from seqprobe.config.places import resources

GROUPS = {
    "task": "tasks",
    "model": "models",
    "probe": "probes",
    "experiment": "presets",
    "optimizer": "optimizers",
    "trainer": "trainer settings",
    "sweep": "sweeps",
}
"""Config groups and what people call them."""


def summary(path: Path) -> str:
    """The first sentence of the comment that a YAML opens with."""
    lines = [line for line in path.read_text().splitlines() if "@package" not in line]
    comment_lines = itertools.takewhile(lambda line: line.startswith("#"), lines)
    return re.split(r"(?<=\.)(?<! al\.) ", " ".join(line.lstrip("# ") for line in comment_lines))[0]


def choices(group: str) -> dict[str, str]:
    """Names and summaries of a group's choices."""
    folder = resources("conf") / group
    return {str(path.relative_to(folder).with_suffix("")): summary(path) for path in sorted(folder.rglob("*.yaml"))}


def claims() -> dict[str, str]:
    """Names of the claims, and what they say."""
    from seqprobe.config.claim_files import claim_nodes  # imports reports, which take a while

    return {name: str(node["says"]) for name, node in claim_nodes([resources("conf")])}
