"""What can be chosen: every choice in conf/, with the first sentence of its YAML's comment."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import yaml

from seqprobe.config.places import resources

GROUPS = {
    "task": "tasks",
    "model": "models",
    "probe": "probes",
    "experiment": "presets",
    "optimizer": "optimizers",
    "scheduler": "schedules of the learning rate",
    "loss": "losses",
    "trainer": "trainer settings",
    "sweep": "sweeps",
}
"""Config groups and what people call them."""
KEYS = ("seeds", "engine", "threads", "rerun", "trust")
"""What is chosen by a value, in the order in which it is shown."""

NOTEBOOK_PREFIX = "notebook_"
"""Before the names of choices that objects of a notebook make in their process, which no file has."""


def defaults() -> dict[str, str]:
    """The default choice of each group that has one, and the default values of single keys, from conf/config.yaml."""
    root = yaml.safe_load((resources("conf") / "config.yaml").read_text())
    chosen = {group: name for entry in root["defaults"] if isinstance(entry, dict) for group, name in entry.items()}
    values = {key: str(root[key]).lower() for key in KEYS}
    return {group: name for group, name in {**chosen, **values}.items() if isinstance(name, str)}


def value_texts() -> dict[str, str]:
    """What each key of `KEYS` decides, as its comment in conf/config.yaml says."""
    text = (resources("conf") / "config.yaml").read_text()
    return {key: comment for key in KEYS for comment in re.findall(rf"^{key}:[^#]*# (.+)$", text, re.MULTILINE)}


def summary(path: Path) -> str:
    """The first sentence of the comment that a YAML opens with."""
    lines = [line for line in path.read_text().splitlines() if "@package" not in line]
    comment_lines = itertools.takewhile(lambda line: line.startswith("#"), lines)
    return re.split(r"(?:(?<=\.)(?<! al\.)|(?<=\.\")) ", " ".join(line.lstrip("# ") for line in comment_lines))[0]


def choices(group: str) -> dict[str, str]:
    """Names and summaries of a group's choices."""
    folder = resources("conf") / group
    return {str(path.relative_to(folder).with_suffix("")): summary(path) for path in sorted(folder.rglob("*.yaml"))}


def claims() -> dict[str, str]:
    """Names of the claims, and what they say."""
    from seqprobe.config.claim_files import claim_nodes  # imports reports, which take a while

    return {name: str(node["says"]) for name, node in claim_nodes([resources("conf")])}
