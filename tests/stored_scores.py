"""All scores of a store's members, as reports read them."""

from __future__ import annotations

import pandas as pd

from seqprobe.tracking.run_frames import StoredMembers
from seqprobe.tracking.stores.store import Store


def members(store: Store, sweep: str | None = None) -> pd.DataFrame:
    """One row per member and metric; of one ``sweep``, or of all."""
    recorded = StoredMembers.read(store, sweep)
    return recorded.scores(recorded.runs())
