"""What pipelines/move.py does: copy the runs of one store to another, and compare both."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from seqprobe.checks import InvalidValue
from seqprobe.failure import JobFailed
from seqprobe.tracking.moving.copying import CopiedRun, copy_runs
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.server import ServerStore
from seqprobe.tracking.stores.store import Store

SERVERS = ("http://", "https://")
SHOWN = 10
"""Most runs that differ which are listed."""


def move(overrides: Sequence[str], config_dir: Path | None = None) -> None:
    """Copy what the store ``to`` lacks of the runs in the store ``from``; print a line about what both have then.

    Raises:
        InvalidValue: one of the stores cannot be used.
        JobFailed: a copy differs from its original.
    """
    from seqprobe.config.compose import compose_config

    plain = compose_config(overrides, config_dir, "move").config
    source, target = (store_at(key, plain[key]) for key in ("from", "to"))
    if place_of(source) == place_of(target):
        raise InvalidValue("to", plain["to"], "must be another store than from")
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # it warns of connections that it does not keep
    copied = copy_runs(source, target, lambda text: print(text, file=sys.stderr))
    problems = [run.problem for run in copied if run.problem]
    print(summary(copied, len(problems)))
    if problems:
        for line in problems[:SHOWN]:
            print(f"differs: {line}", file=sys.stderr)
        raise JobFailed(f"{len(problems)} of {len(copied)} runs differ in {target.uri} from those in {source.uri}")


def store_at(key: str, place: object) -> Store:
    """The store in a folder or at an address; that of ``from`` exists.

    Raises:
        InvalidValue: there is none that can be used.
    """
    if not isinstance(place, str) or not place or ("://" in place and not place.startswith(SERVERS)):
        raise InvalidValue(key, place, "must be the folder of a store, or the http(s) address of an MLflow server")
    try:
        store = ServerStore(place) if place.startswith(SERVERS) else EmbeddedStore(place)
        store.check()
        if key == "from":
            store.check_readable()
    except InvalidValue as problem:
        raise InvalidValue(key, place, problem.allowed) from problem
    return store


def place_of(store: Store) -> str:
    """A store's address, or its folder without links: a store that is copied into itself has its runs twice."""
    return os.path.realpath(store.folder) if isinstance(store, EmbeddedStore) else store.uri.rstrip("/")


def summary(copied: Sequence[CopiedRun], differing: int) -> str:
    """How many runs were copied, and what the copies that are equal to their originals have."""
    equal = [run.content for run in copied if not run.problem]
    counted = {
        "params": sum(len(content.params) for content in equal),
        "tags": sum(len(content.tags) for content in equal),
        "metric values": sum(len(content.values) for content in equal),
        "files": sum(len(content.artifacts) for content in equal),
    }
    size = sum(digest.size for content in equal for digest in content.artifacts.values()) / 1e6
    numbers = ", ".join(f"{number:,} {name}" for name, number in counted.items())
    new = sum(run.is_new for run in copied)
    line = f"{new} runs copied, {len(copied) - new} were there; equal in both stores: {len(equal)} runs, {numbers}"
    return f"{line} ({size:,.1f} MB, by SHA-256){f'; {differing} runs differ' if differing else ''}"
