"""What pipelines/deliver.py does: send a store the records that trainings could not deliver to it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def deliver(overrides: Sequence[str], config_dir: Path | None = None) -> None:
    """Deliver everything that waits for the store that ``tracking`` names.

    Raises:
        InvalidValue: the store cannot be used.
        JobFailed: some records could not be delivered.
    """
    from seqprobe.config.build import build_store
    from seqprobe.config.compose import compose_config
    from seqprobe.failure import JobFailed
    from seqprobe.run.recovery import recover
    from seqprobe.run.workspace import work_folder

    composition = compose_config(overrides, config_dir, "store")
    store = build_store(composition.config, config_dir)
    failed = recover(store, work_folder(composition.config), lambda text: print(text, file=sys.stderr))
    if failed:
        raise JobFailed(f"the records of {failed} populations could not be delivered to {store.uri}")
    print(f"Everything is delivered to {store.uri}")
