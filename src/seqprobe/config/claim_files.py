"""Claims from YAML: conf/claim/, and the same folder of a user's ``--config-dir``."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.config.picture_files import figure_source, run_overrides, yaml_files
from seqprobe.config.targets import check_keys, make, prefixed_keys
from seqprobe.config.trust import check_trust
from seqprobe.reports.claims import Measure
from seqprobe.reports.claims.claim import KINDS, Claim, Part
from seqprobe.reports.claims.claim_measures import MEASURES

REQUIRED = ("says", "place", "kind", "runs", "figure")
PART_REQUIRED = ("quantity", "measure", "why")
PART_KEYS = [*PART_REQUIRED, "low", "high", "more"]
CLAIM_KEYS = ["post", *REQUIRED, "parts", *PART_KEYS]


def load_claims(folders: Sequence[Path], trust: Any = False) -> list[Claim]:
    """Every claim below ``<folder>/claim``, in the order of the files' names.

    A file is one claim, or holds several under ``claims``, where the keys beside it hold for all of them that do not
    state their own. A number before a file's name only orders the files: ``post0/2_sine.yaml`` holds ``post0/sine/…``.

    Args:
        trust: the config's ``trust``: whether a measure may be code outside seqprobe and the folders.

    Raises:
        InvalidValue: something in a file does not fit, or a name exists twice.
    """
    claims: dict[str, Claim] = {}
    for name, node in claim_nodes(folders):
        if name in claims:
            raise InvalidValue(f"claim/{name}", node, "exists twice; give yours another name")
        with prefixed_keys(f"claim/{name}"):
            claims[name] = build_claim(name, node, folders, trust)
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


def build_claim(name: str, node: Mapping[str, Any], folders: Sequence[Path], trust: Any) -> Claim:
    """A claim from its keys; its measures may be code in one of the folders.

    Raises:
        InvalidValue: one is missing, unknown or wrong.
    """
    check_keys("", node, CLAIM_KEYS)
    require(node, REQUIRED)
    runs = run_overrides(node["runs"])
    return Claim(
        name=name,
        post=None if node.get("post") is None else integer("post", node["post"], 0),
        kind=choice("kind", node["kind"], KINDS),
        runs=runs,
        parts=build_parts(node, partial(build_measure, runs=runs, folders=folders, trust=trust)),
        figure=figure_source(node["figure"], runs),
        says=str(node["says"]),
        place=str(node["place"]),
    )


def require(node: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Refuse a node without one of the keys.

    Raises:
        InvalidValue: it is missing.
    """
    for key in keys:
        if node.get(key) is None:
            raise InvalidValue(key, None, "is missing")


def build_parts(node: Mapping[str, Any], measure_of: Callable[[Any], Measure]) -> list[Part]:
    """What a claim measures: ``parts`` by what each says, or the claim's own keys if it has no parts.

    A part takes from the claim the keys that it does not state.

    Args:
        measure_of: makes a measure from its node.
    """
    parts = node.get("parts")
    shared = {key: node[key] for key in PART_KEYS if key in node}
    if parts is None:
        return [build_part("", shared, measure_of)]
    if (
        not isinstance(parts, Mapping)
        or len(parts) < 2
        or not all(isinstance(keys, Mapping) for keys in parts.values())
    ):
        raise InvalidValue("parts", parts, "must be two or more parts of the sentence, each with what it measures")
    built = []
    for says, keys in parts.items():
        with prefixed_keys(f"parts.{says}"):
            check_keys("", keys, PART_KEYS)
            built.append(build_part(str(says), {**shared, **keys}, measure_of))
    return built


def build_part(says: str, node: Mapping[str, Any], measure_of: Callable[[Any], Measure]) -> Part:
    """A part from its keys."""
    require(node, PART_REQUIRED)
    low, high = (None if node.get(key) is None else number(key, node[key]) for key in ("low", "high"))
    if low is None and high is None:
        raise InvalidValue("low", None, "is missing, and so is high: a claim needs one of them")
    if low is not None and high is not None and low > high:
        raise InvalidValue("low", low, f"must be <= high, which is {high:g}")
    more = str(node.get("more") or "")
    if more and (high is None or more.count("{}") != 1):
        raise InvalidValue("more", more, "must have {} once, for a number above high, which is needed as well")
    return Part(
        says=says,
        quantity=str(node["quantity"]),
        measure=measure_of(node["measure"]),
        why=str(node["why"]),
        low=-math.inf if low is None else low,
        high=math.inf if high is None else high,
        more=more,
    )


def build_measure(node: Any, runs: Mapping[str, str], folders: Sequence[Path], trust: Any) -> Measure:
    """One of our measures by its ``name``, or an object of the class that ``_target_`` names."""
    if not isinstance(node, Mapping) or ("name" in node) == ("_target_" in node):
        raise InvalidValue("measure", node, f"must have a name ({', '.join(MEASURES)}) or a _target_")
    check_trust({"trust": trust, "measure": node}, folders)
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


def chosen_claims(claims: Sequence[Claim], patterns: Any, post: Any) -> list[Claim]:
    """The claims of a post, or all if it is None, whose names match one of the patterns (``*`` matches anything).

    Raises:
        InvalidValue: a pattern or the post matches none.
    """
    pattern_list = [patterns] if isinstance(patterns, str) else patterns
    are_names = isinstance(pattern_list, list) and all(isinstance(pattern, str) for pattern in pattern_list)
    if not are_names or not pattern_list:
        raise InvalidValue(
            "claims", patterns, "must be a list of one or more names of claims, in which * matches anything"
        )
    of_post = [claim for claim in claims if post is None or claim.post == post]
    if not of_post:
        posts = sorted({claim.post for claim in claims if claim.post is not None})
        raise InvalidValue("post", post, f"must be one of {', '.join(map(str, posts))}, or null")
    for pattern in pattern_list:
        if not fnmatch.filter([claim.name for claim in of_post], pattern):
            subjects = dict.fromkeys(claim.name.rpartition("/")[0] or claim.name for claim in of_post)
            raise InvalidValue("claims", pattern, f"matches none of the claims in {', '.join(subjects)}")
    return [claim for claim in of_post if any(fnmatch.fnmatchcase(claim.name, pattern) for pattern in pattern_list)]
