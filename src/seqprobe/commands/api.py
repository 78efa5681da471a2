"""All measured scores as one pandas frame: `seqprobe.runs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from seqprobe.checks import InvalidValue
from seqprobe.commands.since import start_time
from seqprobe.config.build import readable_store
from seqprobe.config.compose import compose_config
from seqprobe.reports.selection import current_members, select, tidy
from seqprobe.tracking.run_frames import StoredMembers
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.server import ServerStore
from seqprobe.tracking.stores.store import Store


def runs(
    store: str | Path | None = None,
    tasks: str | Sequence[str] | None = None,
    models: str | Sequence[str] | None = None,
    since: str | None = None,
    every: bool = False,
    experiments: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """Every member's scores: one row per member, probe, value and metric.

    Columns: ``task, model, preset, overrides, seed, probe, band, value, metric, score, better, unit, status, outcome,
    run_id, parent_id, experiment_id, training, started``. ``probe`` is ``validation``, ``training``, ``best``
    (validation with the best weights), ``reference`` (levels to compare with) or a probe's name. ``value`` is the
    probed value, or ``mean`` for the mean over a ``band``: ``inside`` the training range, ``beyond`` it or ``far`` from
    it; the band is empty where no range is known. Of a reference level, ``value`` is its role and ``metric`` the name
    of the metric that it belongs to. ``better`` is ``lower``, ``higher``, or empty for a descriptive number.
    ``outcome`` is ``solved``, ``learned``, ``did not learn`` or ``diverged``, and ``finite`` where the task has no
    constant predictor to judge by. Scores of members that diverged are NaN.

    Args:
        store: a folder with an embedded store, or a server's address; None: the store of `make sweep`.
        tasks: None: all.
        models: None: all.
        since: only runs started then or later: ``2026-11-20``, or ``3h`` for three hours ago.
        every: also runs that a later one of the same name and seed replaces.
        experiments: another name for ``tasks``.

    Raises:
        InvalidValue: the store cannot be used, ``since`` is no time, or both ``tasks`` and ``experiments`` are given.
    """
    if tasks is not None and experiments is not None:
        raise InvalidValue("experiments", experiments, "is another name for tasks; give one of them")
    names = as_list("tasks" if experiments is None else "experiments", experiments if tasks is None else tasks)
    members = StoredMembers.read(open_store(store))
    selected = select(members.runs(), names, as_list("models", models), start_time(since))
    return tidy(members.scores(selected if every else current_members(selected)))


def open_store(store: str | Path | None) -> Store:
    """A folder's store, a server's, or without either the one of `make sweep`, to read from.

    Raises:
        InvalidValue: it cannot be read, or there is none; nothing is written.
    """
    if store is None:
        return readable_store(compose_config(root="store").config)
    check_store(store)
    is_server = str(store).startswith(("http://", "https://"))
    try:
        opened = ServerStore(str(store)) if is_server else EmbeddedStore(str(store))
        opened.check_readable()
    except InvalidValue as problem:
        raise InvalidValue("store", problem.value, problem.allowed) from problem
    return opened


def check_store(store: object) -> None:
    """Refuse what can be neither a folder nor a server's address.

    Raises:
        InvalidValue: it is neither text nor a path.
    """
    if not isinstance(store, str | Path):
        raise InvalidValue("store", type(store).__name__, "must be a folder or a server's address")


def as_list(key: str, names: str | Sequence[str] | None) -> list[str] | None:
    """Several names, one, or None for all.

    Raises:
        InvalidValue: they are no names.
    """
    listed = [names] if isinstance(names, str) else names
    if listed is not None and not is_texts(listed):
        raise InvalidValue(key, names, "must be a name or a list of names")
    return None if listed is None else list(listed)


def is_texts(values: object) -> bool:
    """Whether values are several texts: a list of them, but no mapping and no text."""
    if not isinstance(values, Iterable) or isinstance(values, str | Mapping):
        return False
    return all(isinstance(value, str) for value in values)
