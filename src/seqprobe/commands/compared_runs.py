"""Compare models in Python: `seqprobe.compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pandas as pd

from seqprobe.checks import InvalidValue
from seqprobe.commands.api import as_list, open_store
from seqprobe.commands.since import start_time
from seqprobe.commands.training_result import Result
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.headlines import headlines, undecided_headline
from seqprobe.reports.selection import current_members, select
from seqprobe.reports.table_formats import INTERVALS, difference_frame, markdown_tables, score_frame, wide_table
from seqprobe.tracking.run_frames import StoredMembers


def compare(
    *results: Result,
    tasks: str | Sequence[str] | None = None,
    models: str | Sequence[str] | None = None,
    since: str | None = None,
    store: str | Path | None = None,
) -> ComparedRuns:
    """Compare models on every task, as ``pipelines/compare.py`` does; nothing is written or recorded.

    Args:
        results: what `seqprobe.train` returned; without any, the runs of ``store`` are compared.
        tasks: None: all.
        models: None: all.
        since: only runs started then or later: ``2026-11-20``, or ``3h`` for three hours ago.
        store: a folder with an embedded store, or a server's address; None: the store of `make sweep`.

    Raises:
        InvalidValue: no runs are selected, a result is none, or the store cannot be read.
    """
    for result in results:
        if not isinstance(result, Result):
            allowed = "must be what seqprobe.train returned; runs of a store are chosen by tasks= and models="
            raise InvalidValue("results", result, allowed)
    if results and store is not None:
        raise InvalidValue("store", store, "the results know their stores: give one or the other")
    stores = {result.store.uri: result.store for result in results} or {"": open_store(store)}
    read = {uri: StoredMembers.read(opened) for uri, opened in stores.items()}
    runs = pd.concat([members.runs().assign(store=uri) for uri, members in read.items()], ignore_index=True)
    if results:
        runs = runs[runs["parent_id"].isin([result.run_id for result in results])]
    selected = select(runs, as_list("tasks", tasks), as_list("models", models), start_time(since))
    if not len(selected):
        raise InvalidValue("compare", tasks or models or since, "no runs are selected")
    current = current_members(selected)
    scores = [members.scores(current[current["store"] == uri]) for uri, members in read.items()]
    return ComparedRuns(comparisons(pd.concat(scores, ignore_index=True)))


@dataclass(frozen=True)
class ComparedRuns:
    """Models compared on each task."""

    comparisons: Sequence[Comparison] = field(repr=False)

    @property
    def scores(self) -> pd.DataFrame:
        """One row per task, model and score: medians with intervals, and which model is best."""
        return score_frame(self.comparisons)

    @property
    def differences(self) -> pd.DataFrame:
        """One row per pair of models and score: the difference of paired seeds, with its interval and verdict."""
        return difference_frame(self.comparisons)

    @property
    def headlines(self) -> list[str]:
        """What can be concluded, a sentence each."""
        return [line.text for line in headlines(self.comparisons)] or [undecided_headline(self.comparisons)]

    def __repr__(self) -> str:
        return markdown_tables(self.comparisons)

    def _repr_html_(self) -> str:
        tables = [f"<h4>{escape(task.task)}</h4>{wide_table(task).to_html()}" for task in self.comparisons]
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.headlines)
        return f"<p>{escape(INTERVALS)}</p>{''.join(tables)}<ul>{lines}</ul>"
