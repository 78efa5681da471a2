"""What a store already has of a population that is asked for: its finished runs, or some of its members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from seqprobe.learning.archive import Archive
from seqprobe.scoring import Tag
from seqprobe.tracking.description import sweep_tag
from seqprobe.tracking.journal.entries import runs_in
from seqprobe.tracking.journal.journal import Journal
from seqprobe.tracking.saved_model import ARCHIVE
from seqprobe.tracking.stores.store import Store


def finished_population(store: Store, cell: str) -> Any:
    """The newest FINISHED parent run of the population that ``cell`` identifies, or None."""
    found = store.search("population", f"tags.`{Tag.CELL}` = '{cell}'", "attributes.status = 'FINISHED'")
    return found[-1] if found else None


def trained_members(store: Store, training: str, seeds: Sequence[int]) -> dict[int, tuple[str, Archive]]:
    """By seed, members that were trained to the end with the same settings: their run and all that is known of them."""
    runs = store.search("seed", f"tags.`{Tag.TRAINING}` = '{training}'", "attributes.status = 'FINISHED'")
    newest = {int(run.data.params.get("seed", -1)): str(run.info.run_id) for run in runs}
    found: dict[int, tuple[str, Archive]] = {}
    for seed in seeds:
        archive = read_archive(store, newest[seed]) if seed in newest else None
        if archive is not None:
            found[seed] = (newest[seed], archive)
    return found


def read_archive(store: Store, run_id: str) -> dict[str, np.ndarray] | None:
    """A member's archive, or None where it is missing or damaged."""
    content = store.artifact(run_id, ARCHIVE)
    try:
        return None if content is None else load(content)
    except SafetensorError:
        return None


def add_to_sweep(store: Store, population: Any, sweep: str) -> None:
    """Count a finished population and its members as part of one more sweep."""
    client = store.client()
    members = store.search("seed", f"tags.`{Tag.PARENT}` = '{population.info.run_id}'")
    for run in (population, *members):
        for tag, value in sweep_tag(run.data.tags, sweep).items():
            client.set_tag(run.info.run_id, tag, value)


def can_go_on(store: Store, journal: Journal) -> bool:
    """Whether the runs that an interrupted attempt has told something of are all still there."""
    told = {run for entry in journal.entries() for run in runs_in(entry)}
    return told <= set(store.runs_of_attempt(journal.attempt()).values())
