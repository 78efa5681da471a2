"""A recorded population that a command is to work on: found by its run's id or its name, and checked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seqprobe.checks import InvalidValue
from seqprobe.learning.archive import Archive
from seqprobe.scoring import Tag
from seqprobe.tracking.finished_runs import DamagedArchive, read_archive
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.saved_model import ARCHIVE
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class PopulationRun:
    """A finished population in a store.

    Attributes:
        run: the parent.
        seeds: its members, in the order of their training.
        member_ids: their runs.
        archives: all that is known of each member.
        config: as it was saved.
    """

    run: StoredRun
    seeds: Sequence[int]
    member_ids: Sequence[str]
    archives: Sequence[Archive]
    config: dict[str, Any]


def population_run(store: Store, run_id: str) -> PopulationRun:
    """A population by its run's id.

    Raises:
        InvalidValue: there is no such run, it is no finished population, or its models are missing.
    """
    run = parent_run(store, run_id)
    children = store.search(RunFilter("seed", tags={Tag.PARENT: run_id}))
    by_seed = {int(child.params["seed"]): child for child in children}
    seeds = [int(seed) for seed in run.params.get("seeds", "").split(",") if seed]
    config = read_config(store.artifact(run_id, "config.yaml"))
    if not seeds or config is None or not set(seeds) <= set(by_seed):
        raise InvalidValue("run", run_id, "its config or its models are missing or damaged: it cannot be probed")
    return PopulationRun(
        run=run,
        seeds=seeds,
        member_ids=[by_seed[seed].run_id for seed in seeds],
        archives=[member_archive(store, by_seed[seed]) for seed in seeds],
        config=config,
    )


def read_config(content: bytes | None) -> dict[str, Any] | None:
    """A saved config; None if it is missing or damaged."""
    try:
        config = yaml.safe_load(content or b"")
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return config if isinstance(config, dict) and {"task", "model", "trainer"} <= set(config) else None


def recorded_value(store: Store, run_id: str, key: str) -> str | None:
    """The number or word that a population's config has for a key such as ``task.length``, as text; None for others."""
    node: Any = read_config(store.artifact(run_id, "config.yaml"))
    for part in key.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return str(node) if isinstance(node, str | int | float) else None


def member_archive(store: Store, run: StoredRun) -> Archive:
    """All that is known of a trained member.

    Raises:
        InvalidValue: it is missing or damaged.
    """
    try:
        return read_archive(store, run)
    except DamagedArchive as problem:
        place = store.artifact_place(run, ARCHIVE)
        raise InvalidValue("run", run.run_id, f"it cannot be probed, because of {place}: {problem}") from problem


def parent_run(store: Store, run_id: str) -> StoredRun:
    """The run of a finished population.

    Raises:
        InvalidValue: there is none with this id.
    """
    runs = store.search(RunFilter(run_id=run_id))
    if not runs:
        raise InvalidValue("run", run_id, f"there is no such run in {store.uri}")
    (run,) = runs
    kind = run.tags.get(Tag.KIND)
    if kind == "seed":
        raise InvalidValue("run", run_id, f"is one seed of a population; use run={run.tags.get(Tag.PARENT)}")
    if kind != "population":
        raise InvalidValue("run", run_id, "is no population of this store")
    if run.status != "FINISHED":
        raise InvalidValue("run", run_id, f"is {run.status}; only a finished population can be probed")
    return run


def member_parent(store: Store, run_id: str) -> tuple[str, int] | None:
    """The population's run and the seed of a member's run; None if it is the run of no member."""
    runs = store.search(RunFilter("seed", run_id=run_id))
    return (runs[0].tags[Tag.PARENT], int(runs[0].params["seed"])) if runs else None


def run_id_named(store: Store, name: str, key: str = "--name") -> str:
    """The id of the one finished population with a name, or with a name that contains it.

    Its name may begin with its task, ``sine · lstm``.

    Args:
        key: what stated the name.

    Raises:
        InvalidValue: there is none, or several, which the message lists.
    """
    finished = {run.run_id: run for run in store.search(RunFilter("population", "FINISHED"))}
    names = {run_id: (run.name, f"{run.params.get('task')} · {run.name}") for run_id, run in finished.items()}
    matching = [run_id for run_id in finished if name in names[run_id]]
    matching = matching or [run_id for run_id in finished if name in names[run_id][1]]
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise InvalidValue(key, name, f"no finished population in {store.uri} is called so")
    chosen = [finished[run_id] for run_id in matching]
    lines = [f"run={run.run_id} ({run.params.get('task')}: {label(run)})" for run in chosen]
    raise InvalidValue(key, name, f"{len(matching)} populations are called so; choose one: " + ", ".join(lines))


def label(run: StoredRun) -> str:
    """A run's name with what was overridden."""
    return " · ".join(filter(None, [run.name, run.params.get("overrides")]))


@contextmanager
def recorded_code(store: Store, member_id: str) -> Iterator[Path | None]:
    """A folder with the user's modules that were saved with a member's model; None if there are none."""
    with tempfile.TemporaryDirectory() as folder:
        yield store.copy_artifacts(member_id, "model/code", folder)
