"""Claims and pictures from YAML: conf/claim/ and conf/picture/, and the same folders of a user's ``--config-dir``."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.config.targets import check_keys, make, prefixed_keys
from seqprobe.config.trust import check_trust
from seqprobe.reports.claims.claim import KINDS, Claim, FigureSource
from seqprobe.reports.claims.claim_measures import MEASURES, Measure
from seqprobe.reports.reproduction_figures import DRAWINGS
from seqprobe.reports.verdict_page import PicturePair

REQUIRED = ("says", "place", "kind", "quantity", "runs", "measure", "why", "figure")
CLAIM_KEYS = ["post", *REQUIRED, "low", "high"]
PICTURE_KEYS = ["original", "run", "artifact", "drawing", "caption"]


def load_claims(folders: Sequence[Path]) -> list[Claim]:
    """Every claim below ``<folder>/claim``, in the order of the files' names.

    A file is one claim, or holds several under ``claims``, where the keys beside it hold for all of them that do not
    state their own. A number before a file's name only orders the files: ``post0/2_sine.yaml`` holds ``post0/sine/…``.

    Raises:
        InvalidValue: something in a file does not fit, or a name exists twice.
    """
    claims: dict[str, Claim] = {}
    for name, node in claim_nodes(folders):
        if name in claims:
            raise InvalidValue(f"claim/{name}", node, "exists twice; give yours another name")
        with prefixed_keys(f"claim/{name}"):
            claims[name] = build_claim(name, node, folders)
    return list(claims.values())


def claim_nodes(folders: Sequence[Path]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each claim's name and its keys, with those that its file states for all."""
    for stem, node in yaml_files(folders, "claim"):
        several = node.get("claims", {"": node}) if isinstance(node, Mapping) else None
        if not isinstance(several, Mapping):
            raise InvalidValue(f"claim/{stem}", node, "must hold a claim's keys, or several claims under claims")
        shared = {key: value for key, value in node.items() if key != "claims"}
        for name, keys in several.items():
            full = f"{stem}/{name}" if name else stem
            if not isinstance(keys, Mapping):
                raise InvalidValue(f"claim/{full}", keys, "must hold a claim's keys")
            yield full, {**shared, **keys}


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


def build_claim(name: str, node: Mapping[str, Any], folders: Sequence[Path] = ()) -> Claim:
    """A claim from its keys; its measure may be code in one of the folders.

    Raises:
        InvalidValue: one is missing, unknown or wrong.
    """
    check_keys("", node, CLAIM_KEYS)
    for key in REQUIRED:
        if node.get(key) is None:
            raise InvalidValue(key, None, "is missing")
    runs = run_overrides(node["runs"])
    low, high = (None if node.get(key) is None else number(key, node[key]) for key in ("low", "high"))
    if low is None and high is None:
        raise InvalidValue("low", None, "is missing, and so is high: a claim needs one of them")
    if low is not None and high is not None and low > high:
        raise InvalidValue("low", low, f"must be <= high, which is {high:g}")
    return Claim(
        name=name,
        post=None if node.get("post") is None else integer("post", node["post"], 0),
        kind=choice("kind", node["kind"], KINDS),
        runs=runs,
        measure=build_measure(node["measure"], runs, folders),
        figure=figure_source(node["figure"], runs),
        says=str(node["says"]),
        place=str(node["place"]),
        quantity=str(node["quantity"]),
        why=str(node["why"]),
        low=-math.inf if low is None else low,
        high=math.inf if high is None else high,
    )


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


def build_measure(node: Any, runs: Mapping[str, str], folders: Sequence[Path]) -> Measure:
    """One of our measures by its ``name``, or an object of the class that ``_target_`` names."""
    if not isinstance(node, Mapping) or ("name" in node) == ("_target_" in node):
        raise InvalidValue("measure", node, f"must have a name ({', '.join(MEASURES)}) or a _target_")
    check_trust({"measure": node}, folders)
    target = node
    if "name" in node:
        kind = MEASURES[choice("measure.name", node["name"], MEASURES)]
        arguments = {key: value for key, value in node.items() if key != "name"}
        target = {"_target_": f"{kind.__module__}.{kind.__qualname__}", **arguments}
    measure: Measure = make("measure", target, Measure)
    for label in sorted(measure.labels()):
        if (label or len(runs) > 1) and label not in runs:
            raise InvalidValue("measure.run", label or None, f"must be one of the claim's runs: {', '.join(runs)}")
    return measure


def figure_source(node: Any, runs: Mapping[str, str]) -> FigureSource:
    """The figure that shows a claim: an artifact of its first run, ``{run: …, artifact: …}`` or ``{drawing: …}``."""
    if isinstance(node, str) and runs:
        return FigureSource(next(iter(runs.values())), node)
    if isinstance(node, Mapping) and set(node) == {"drawing"}:
        return FigureSource("", f"{choice('figure.drawing', node['drawing'], DRAWINGS)}.png")
    if isinstance(node, Mapping) and set(node) == {"run", "artifact"}:
        return FigureSource(runs[choice("figure.run", node["run"], runs)], str(node["artifact"]))
    raise InvalidValue("figure", node, "must be an artifact of the first run, {run: …, artifact: …} or {drawing: …}")


def chosen_claims(claims: Sequence[Claim], patterns: Any, post: Any) -> list[Claim]:
    """The claims of a post, or all if it is None, whose names match one of the patterns (``*`` matches anything).

    Raises:
        InvalidValue: a pattern or the post matches none.
    """
    pattern_list = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(pattern_list, list) or not all(isinstance(pattern, str) for pattern in pattern_list):
        raise InvalidValue("claims", patterns, "must be a list of names of claims, in which * matches anything")
    of_post = [claim for claim in claims if post is None or claim.post == post]
    if not of_post:
        posts = sorted({claim.post for claim in claims if claim.post is not None})
        raise InvalidValue("post", post, f"must be one of {', '.join(map(str, posts))}, or null")
    for pattern in pattern_list:
        if not fnmatch.filter([claim.name for claim in of_post], pattern):
            subjects = dict.fromkeys(claim.name.rpartition("/")[0] or claim.name for claim in of_post)
            raise InvalidValue("claims", pattern, f"matches none of the claims in {', '.join(subjects)}")
    return [claim for claim in of_post if any(fnmatch.fnmatchcase(claim.name, pattern) for pattern in pattern_list)]


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
    for key in ("original", "caption"):
        if not isinstance(node.get(key), str):
            raise InvalidValue(key, node.get(key), "must be text")
    runs = run_overrides({"run": node["run"]}) if "run" in node else {}
    source = {key: node[key] for key in ("run", "artifact", "drawing") if key in node}
    figure = figure_source({**source, "run": "run"} if runs else source, runs)
    return PicturePair(node["original"], figure, node["caption"])
