"""What a store's members come to when they are compared: what the terminal, the page and the files show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.selection import current_members
from seqprobe.reports.swept_parameters import SweptParameter, swept_parameters
from seqprobe.tracking.population_run import recorded_value
from seqprobe.tracking.run_frames import StoredMembers
from seqprobe.tracking.stores.store import Store


@dataclass(frozen=True)
class ComparedMembers:
    """Members of a store that are compared.

    Attributes:
        selected: those that were asked for, a row each.
        current: the scores of those that later ones do not replace.
        comparisons: of each task and setting.
        swept: the parameters over which runs were trained.
    """

    store: Store
    selected: pd.DataFrame
    current: pd.DataFrame
    comparisons: Sequence[Comparison]
    swept: Sequence[SweptParameter]

    @property
    def has_results(self) -> bool:
        """Whether any member has finished."""
        return bool((self.selected["status"] == "FINISHED").any())

    @classmethod
    def of_sweep(cls, store: Store, sweep: str) -> ComparedMembers:
        """Read and compare the members that a sweep trained or found finished."""
        members = StoredMembers.read(store, sweep)
        return cls.read(members, members.runs())

    @classmethod
    def read(cls, members: StoredMembers, selected: pd.DataFrame) -> ComparedMembers:
        """Read the scores of the ``selected`` of a store's members, and compare them."""
        store = members.store
        current = members.scores(current_members(selected))
        compared = comparisons(current)
        swept = swept_parameters(current, compared, lambda run, key: recorded_value(store, run, key))
        return cls(store, selected, current, compared, swept)
