"""What a store already has of a population that is requested: its finished runs, or some of its members."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import load

from seqprobe.checks import single_line
from seqprobe.learning.archive import Archive, is_complete
from seqprobe.learning.recorder import Notice
from seqprobe.scoring import Tag
from seqprobe.tracking.description import sweep_tag
from seqprobe.tracking.provenance import NUMERICAL, versions
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.saved_model import ARCHIVE, archive_digest
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.store import Store

EARLIER_ARRAYS = {
    "frame_steps": "steps:frames",
    "frames": "values:frames",
    "moment_steps": "steps:snapshots",
    "moments": "values:snapshots",
}
"""Array names in older archives, and their current names."""


class DamagedArchive(Exception):
    """A member cannot be taken over, for the reason in the message."""


@dataclass(frozen=True)
class TrainedMember:
    """A member that another population trained to the end.

    Attributes:
        engine: what trained it.
        versions: of the packages in `NUMERICAL`, as far as they are known.
    """

    run_id: str
    archive: Archive
    engine: str
    versions: Mapping[str, str]


def finished_population(store: Store, population_hash: str, engine: str) -> StoredRun | None:
    """The newest FINISHED parent run of a population, or None; an ``engine`` other than auto must have trained it."""
    finished = store.search(RunFilter("population", "FINISHED", parts={Tag.POPULATION: population_hash}))
    fitting = [run for run in finished if engine in ("auto", run.params.get("engine"))]
    return fitting[-1] if fitting else None


def trained_members(
    store: Store,
    training_hash: str,
    seeds: Sequence[int],
    engine: str,
    check: Callable[[Archive], None],
    notice: Notice,
) -> dict[int, TrainedMember]:
    """By seed, the newest members that were trained to the end with the same settings.

    Args:
        engine: what must have trained them; with auto, any may.
        check: raises an error if an archive is not of the network that is to be trained.
        notice: called with a line of text about an archive that cannot be used.
    """
    runs = store.search(RunFilter("seed", "FINISHED", tags={Tag.TRAINING: training_hash}))
    members: dict[int, TrainedMember] = {}
    for run in reversed(runs):
        seed = int(run.params.get("seed", -1))
        if seed not in seeds or seed in members or engine not in ("auto", run.params.get("engine")):
            continue
        try:
            archive = read_archive(store, run)
            check(archive)
        except (DamagedArchive, KeyError, ValueError) as problem:
            notice(f"{store.artifact_place(run, ARCHIVE)} cannot be taken over: {single_line(problem)}")
        else:
            members[seed] = TrainedMember(run.run_id, archive, run.params["engine"], recorded_versions(run.tags))
    return members


def seeds_of_earlier_versions(store: Store, names: Mapping[str, str | None], seeds: Sequence[int]) -> list[int]:
    """Seeds of which an earlier version of seqprobe finished a run with these names, and this one has not yet.

    Args:
        names: the params ``task``, ``model``, ``preset`` and ``overrides`` of the run that is requested.
    """
    params = {key: value for key, value in names.items() if key in ("task", "model") and value}

    def finished_seeds(tag: str) -> set[int]:
        runs = store.search(RunFilter("seed", "FINISHED", parts={tag: ""}, params=params))
        same = [run for run in runs if all(run.params.get(key) == (value or None) for key, value in names.items())]
        return {int(run.params["seed"]) for run in same}

    earlier = finished_seeds(Tag.EARLIER_POPULATION) & set(seeds)
    return sorted(earlier - finished_seeds(Tag.POPULATION)) if earlier else []


def recorded_versions(tags: Mapping[str, str]) -> dict[str, str]:
    """The versions of `NUMERICAL` packages that a run was made with, from its tags."""
    return {package: tags[f"seqprobe.{package}"] for package in NUMERICAL if f"seqprobe.{package}" in tags}


def version_notice(recorded: Sequence[Mapping[str, str]]) -> str | None:
    """One line about packages whose versions were others when finished runs were made; None if none differs."""
    now = versions()
    differing = sorted(
        {
            (package, version)
            for packages in recorded
            for package, version in packages.items()
            if version != now[package]
        }
    )
    if not differing:
        return None
    before = ", ".join(f"{package} {version} (now {now[package]})" for package, version in differing)
    return f"Using finished runs that were trained with {before}: new results may differ from theirs by rounding."


def read_archive(store: Store, run: StoredRun) -> dict[str, np.ndarray]:
    """A member's archive as this version names its arrays.

    Raises:
        DamagedArchive: it is missing, another than the run's tag states, or lacks something. Runs of earlier versions
            have no such tag.
    """
    content = store.artifact(run.run_id, ARCHIVE)
    if content is None:
        raise DamagedArchive("it is missing")
    if run.tags.get(Tag.ARCHIVE_DIGEST) not in (None, archive_digest(content)):
        raise DamagedArchive("it was changed after it was recorded")
    try:
        archive = {EARLIER_ARRAYS.get(name, name): array for name, array in load(content).items()}
    except Exception as problem:  # safetensors raises errors of many kinds for what is no such file
        raise DamagedArchive("it cannot be read") from problem
    if not is_complete(archive):
        raise DamagedArchive("it is of a version whose archives lack what this one needs")
    return archive


def set_population_tag(store: Store, population: str, tag: str, value: str) -> None:
    """Give a population's run and those of its members a tag, where they do not have it with this value."""
    runs = [
        *store.search(RunFilter(run_id=population)),
        *store.search(RunFilter("seed", tags={Tag.PARENT: population})),
    ]
    client = store.client()
    for run in runs:
        if run.tags.get(tag) != value:
            client.set_tag(run.run_id, tag, value)


def add_to_sweep(store: Store, population: StoredRun, sweep: str) -> None:
    """Count a finished population and its members as part of one more sweep."""
    client = store.client()
    members = store.search(RunFilter("seed", tags={Tag.PARENT: population.run_id}))
    for run in (population, *members):
        for tag, value in sweep_tag(run.tags, sweep).items():
            client.set_tag(run.run_id, tag, value)
