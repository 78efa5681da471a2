"""The runs that a population is recorded to: opened, or those of an interrupted attempt; and closed in any case."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from seqprobe.files import is_disk_full
from seqprobe.learning.recorder import Notice
from seqprobe.scoring import Tag
from seqprobe.tracking import provenance
from seqprobe.tracking.description import Description, sweep_tag
from seqprobe.tracking.process_identity import process_tags
from seqprobe.tracking.stores.availability import when_available
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from mlflow import MlflowClient

RETRY_SECONDS = 0.5
"""Time between attempts to close a run on a disk that is full."""


def open_runs(
    store: Store, description: Description, attempt: str, existing: Mapping[str, str], notice: Notice
) -> Iterator[str]:
    """The id of the population's run, then those of its members' runs, each as soon as it is opened.

    Args:
        attempt: the name of this attempt, by which the runs are found again.
        existing: the runs that it has opened already, by name. Of a name only the end, the seed or the number of
            seeds, tells runs of an attempt apart: what precedes it has changed between versions.
        notice: called with a line of text if the store has to be waited for.

    Raises:
        InvalidValue: the store has not responded for too long, or the experiment was deleted.
    """
    client, name, taken_over = store.client(), description.name, description.taken_over
    page = description.experiment, description.experiment_text, description.experiment_view
    experiment = when_available(store, lambda: store.experiment_id(*page), notice)
    opened_before = by_ending(existing)
    tags = {**provenance.run_tags(), **description.tags, Tag.ATTEMPT: attempt}
    count = f"{len(description.seeds)} seed{'s' if len(description.seeds) > 1 else ''}"

    def open_run(name: str, run_tags: Mapping[str, str]) -> str:
        return when_available(store, partial(open_once, name, run_tags), notice, partial(find_once, name, run_tags))

    def find_once(name: str, run_tags: Mapping[str, str]) -> str:
        """The run may have been opened although the answer was lost."""
        opened = by_ending(store.runs_of_attempt(attempt)).get(ending(name))
        return open_once(name, run_tags) if opened is None else opened

    def open_once(name: str, run_tags: Mapping[str, str]) -> str:
        if ending(name) not in opened_before:
            return str(client.create_run(experiment, run_name=name, tags={**tags, **run_tags}).info.run_id)
        run = opened_before[ending(name)]
        before = client.get_run(run).data.tags
        again = sweep_tag(before, description.tags.get(Tag.SWEEP))
        for tag, value in {**process_tags(), **again}.items():
            client.set_tag(run, tag, value)
        return run

    def source(seed: int) -> dict[str, str]:
        return {Tag.TAKEN_OVER_FROM: taken_over[seed][0]} if seed in taken_over else {}

    population = f"{name} · {count}", {Tag.KIND: "population"}
    members = [(f"{name} · seed {seed}", {Tag.KIND: "seed", **source(seed)}) for seed in description.seeds]
    if store.batch_requests is not None and not existing:
        together = [(title, {**tags, **run_tags}) for title, run_tags in (population, *members)]
        try:
            opened = list(store.batch_requests.create_runs(experiment, together))
        except Exception as problem:  # the runs may have been opened although the answer was lost
            if not store.is_unavailable(problem):
                raise
        else:
            yield from opened
            return
        opened_before |= by_ending(when_available(store, lambda: store.runs_of_attempt(attempt), notice))
    parent = open_run(*population)
    yield parent
    for title, run_tags in members:
        yield open_run(title, {Tag.PARENT: parent, **run_tags})


def runs_opened_before(store: Store, attempt: str, is_new: bool, notice: Notice) -> dict[str, str]:
    """The ids of the runs that an attempt has opened already, by name; a new one has none."""
    return {} if is_new else when_available(store, lambda: store.runs_of_attempt(attempt), notice)


def ending(name: str) -> str:
    """What comes after the last dot of a run's name: its seed, or the number of seeds."""
    return name.rpartition(" · ")[2]


def by_ending(runs: Mapping[str, str]) -> dict[str, str]:
    """The ids of an attempt's runs by the endings of their names."""
    return {ending(name): run for name, run in runs.items()}


def close_without_records(client: MlflowClient, runs: Sequence[str], seconds: float) -> None:
    """Mark runs whose records cannot be written as FAILED, for they must not seem to run.

    Args:
        seconds: how long a disk that is full is waited for.
    """
    deadline = time.monotonic() + seconds
    for run in runs:
        while (problem := failure_to_close(client, run)) and is_disk_full(problem) and time.monotonic() < deadline:
            time.sleep(RETRY_SECONDS)


def failure_to_close(client: MlflowClient, run: str) -> Exception | None:
    """Mark a run as FAILED; the error if that is impossible."""
    try:
        client.set_terminated(run, "FAILED")
    except Exception as problem:
        return problem
    return None
