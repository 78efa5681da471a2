"""An empty store's database, made in a fork of this process while it imports PyTorch.

MLflow makes the tables of its first version and alters them version by version, which takes a second.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import Composition
from seqprobe.tracking.forked_call import forked_call, has_spare_core
from seqprobe.tracking.stores.embedded import EmbeddedStore, MadeDatabase, no_database
from seqprobe.tracking.stores.store import Store

EMBEDDED = f"{EmbeddedStore.__module__}.{EmbeddedStore.__qualname__}"


@contextmanager
def early_database(composition: Composition) -> Iterator[MadeDatabase]:
    """Make the database of a run's store during the block, in a temporary folder, if there is none yet."""
    with ExitStack() as stack:
        made: MadeDatabase = no_database
        if has_spare_core(composition.config["threads"]) and is_missing(composition):
            with suppress(OSError):  # no temporary folder: the store makes its database itself
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                made = stack.enter_context(forked_call(partial(empty_database, Path(folder))))
        yield made


def is_missing(composition: Composition) -> bool:
    """Whether a run's store is an embedded one that has no database yet."""
    node = composition.config["tracking"]
    if not isinstance(node, dict) or node.get("_target_") != EMBEDDED:
        return False
    try:
        return not EmbeddedStore(node.get("dir", "")).database.exists()
    except (InvalidValue, OSError):  # the request refuses this folder
        return False


def hand_over(made: MadeDatabase, store: Store) -> None:
    """Let a store take the database, if it needs one."""
    if isinstance(store, EmbeddedStore):
        store.made_database = made


def empty_database(folder: Path) -> bytes:
    """What the fork does: make a store's database in a folder, and read it."""
    store = EmbeddedStore(str(folder))
    store.create_database()
    return store.database.read_bytes()
