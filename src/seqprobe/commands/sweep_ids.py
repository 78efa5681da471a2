"""Which sweep the option ``against`` names: an id, or the newest sweep, or the one before it."""

from __future__ import annotations

import string
from collections.abc import Sequence

from seqprobe.checks import InvalidValue
from seqprobe.scoring import Tag
from seqprobe.tracking.run_frames import records
from seqprobe.tracking.stores.store import Store

LAST, PREVIOUS = "last", "previous"
NEWEST = 5
"""How many ids a message names."""


def named_sweep(store: Store, name: str) -> str:
    """The id of the sweep that a store's user names by it, or by `LAST` or `PREVIOUS`.

    Raises:
        InvalidValue: the store has no such sweep.
    """
    known = sweep_ids(store)
    newest = {word: known[-place] for place, word in ((1, LAST), (2, PREVIOUS)) if len(known) >= place}
    if name in known or name in newest:
        return newest.get(name, name)
    shown = f": {', '.join(reversed(known[-NEWEST:]))}" if known else ", but the store has none"
    raise InvalidValue("against", name, f"must be the id of a sweep, {LAST} or {PREVIOUS}{shown}")


def sweep_ids(store: Store) -> Sequence[str]:
    """The ids of all sweeps in a store, oldest first: they have a time, before which some name their command."""
    found = {sweep for run in records(store, "population") for sweep in run.tags.get(Tag.SWEEP, "").split()}
    return sorted(found, key=lambda sweep: sweep.lstrip(string.ascii_lowercase + "-"))
