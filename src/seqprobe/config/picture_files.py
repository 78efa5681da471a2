"""Which figures show what, from YAML: conf/picture/ pairs a post's pictures with ours, and a claim names its figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from seqprobe.checks import InvalidValue, choice
from seqprobe.config.targets import check_keys, prefixed_keys
from seqprobe.reports.claims import FigureSource
from seqprobe.reports.reproduction_figures import DRAWINGS
from seqprobe.reports.verdict_page import PicturePair

PICTURE_KEYS = ["original", "shows", "run", "artifact", "drawing", "caption"]


def load_pictures(folders: Sequence[Path]) -> list[PicturePair]:
    """Every pair of pictures below ``<folder>/picture``, in the order of the files' names.

    Raises:
        InvalidValue: something in a file does not fit.
    """
    pairs = []
    for stem, nodes in yaml_files(folders, "picture"):
        if not isinstance(nodes, list):
            raise InvalidValue(f"picture/{stem}", nodes, "must be a list of pictures")
        for index, node in enumerate(nodes):
            with prefixed_keys(f"picture/{stem}[{index}]"):
                pairs.append(picture_pair(node))
    return pairs


def picture_pair(node: Any) -> PicturePair:
    """A post's picture and the source of ours."""
    if not isinstance(node, Mapping):
        raise InvalidValue("picture", node, "must have original, caption, and run with artifact, or drawing")
    check_keys("", node, PICTURE_KEYS)
    node = {"shows": "", **node}
    for key in ("original", "caption", "shows"):
        if not isinstance(node.get(key), str):
            raise InvalidValue(key, node.get(key), "must be text")
    runs = run_overrides({"run": node["run"]}) if "run" in node else {}
    source = {key: node[key] for key in ("run", "artifact", "drawing") if key in node}
    figure = figure_source({**source, "run": "run"} if runs else source, runs)
    return PicturePair(node["original"], node["shows"], figure, node["caption"])


def figure_source(node: Any, runs: Mapping[str, str]) -> FigureSource:
    """The figure that shows a claim: an artifact of its first run, ``{run: …, artifact: …}`` or ``{drawing: …}``."""
    if isinstance(node, str) and runs:
        return FigureSource(next(iter(runs.values())), node)
    if isinstance(node, Mapping) and set(node) == {"drawing"}:
        return FigureSource("", f"{choice('figure.drawing', node['drawing'], DRAWINGS)}.png")
    if isinstance(node, Mapping) and set(node) == {"run", "artifact"}:
        return FigureSource(runs[choice("figure.run", node["run"], runs)], str(node["artifact"]))
    raise InvalidValue("figure", node, "must be an artifact of the first run, {run: …, artifact: …} or {drawing: …}")


def run_overrides(node: Any) -> dict[str, str]:
    """The overrides of each of a claim's runs by its label, with one space between two overrides."""
    if not isinstance(node, Mapping) or not node:
        raise InvalidValue("runs", node, "must be labels with the overrides of a training each")
    for label, overrides in node.items():
        if not isinstance(overrides, str) or not all("=" in override for override in overrides.split()):
            raise InvalidValue(
                f"runs.{label}", overrides, "must be overrides, such as experiment=post0/sine trainer.max_steps=100"
            )
    return {str(label): " ".join(overrides.split()) for label, overrides in node.items()}


def yaml_files(folders: Sequence[Path], group: str) -> Iterator[tuple[str, Any]]:
    """The name and content of every YAML file below ``<folder>/<group>``."""
    for folder in folders:
        for path in sorted((folder / group).rglob("*.yaml")):
            stem = path.relative_to(folder / group).with_suffix("").as_posix()
            try:
                content = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
            except Exception as problem:  # YAML and OmegaConf have many errors, with several lines each
                first = str(problem).strip().splitlines()[0]
                raise InvalidValue(f"{group}/{stem}", path.name, f"cannot be read: {first}") from problem
            yield re.sub(r"(^|/)\d+_", r"\1", stem), content
