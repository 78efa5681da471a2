"""Everything that was measured as one pandas frame: `seqprobe.runs`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from seqprobe.commands.since import moment
from seqprobe.config.build import build_store
from seqprobe.config.compose import compose_config
from seqprobe.reports.selection import current, narrowed, tidy
from seqprobe.tracking.run_frames import members
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.server import ServerStore
from seqprobe.tracking.stores.store import Store


def runs(
    store: str | Path | None = None,
    experiments: str | Sequence[str] | None = None,
    models: str | Sequence[str] | None = None,
    since: str | None = None,
    every: bool = False,
) -> pd.DataFrame:
    """Every member's scores: one row per member, probe, value and metric.

    Columns: ``task, model, preset, overrides, seed, probe, value, metric, score, status, outcome, run_id, parent_id,
    experiment_id, training, started``. ``probe`` is ``validation``, ``training``, ``best`` (validation with the best
    weights), ``reference`` (what needs no network) or a probe's name; ``value`` is the probed value, and ``mean`` for
    the mean over them. Scores of members that diverged are NaN.

    Args:
        store: a folder with an embedded store, or a server's address; None: the store of `make sweep`.
        experiments: tasks; None: all.
        models: None: all.
        since: only runs started then or later: ``2026-11-20``, or ``3h`` for three hours ago.
        every: also runs that a later one of the same name and seed replaces.

    Raises:
        InvalidValue: the store cannot be used, or ``since`` is no time.
    """
    found = narrowed(members(opened(store)), as_list(experiments), as_list(models), moment(since))
    return tidy(found if every else current(found)).reset_index(drop=True)


def opened(store: str | Path | None) -> Store:
    """A folder's store, a server's, or without either the one of `make sweep`.

    Raises:
        InvalidValue: it cannot be used.
    """
    if store is None:
        return build_store(compose_config(root="store").config)
    found = ServerStore(str(store)) if str(store).startswith(("http://", "https://")) else EmbeddedStore(str(store))
    found.check()
    return found


def as_list(names: str | Sequence[str] | None) -> list[str] | None:
    """Several names, one, or None for all."""
    return None if names is None else [names] if isinstance(names, str) else list(names)
