"""The recorder that adds to the runs of a finished population."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqprobe.checks import InvalidValue
from seqprobe.scoring import MetricName
from seqprobe.tracking.artifacts import table_content, with_artifact_addresses
from seqprobe.tracking.description import Description
from seqprobe.tracking.journal import entries
from seqprobe.tracking.journal.delivery import Delivery
from seqprobe.tracking.mlflow_recorder import PATIENCE, MLflowRecorder
from seqprobe.tracking.population_run import PopulationRun
from seqprobe.tracking.score_table import (
    DamagedTable,
    ScoreRow,
    digest,
    joined_scores,
    recorded_table,
    score_table,
    to_csv,
)
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.experiment_pages import NOTE
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    import pandas

ROW, PICTURE = "| `probe/", "![probe_"
"""How a summary's lines about probes begin (`seqprobe.evaluation.summary`)."""


class AddingRecorder(MLflowRecorder):
    """Records more about a population that has ended; its runs stay FINISHED.

    Every value has the same timestamp whenever it is recorded, and a store keeps equal values once: if the process
    is killed, the same command completes what is missing and doubles nothing.

    Args:
        timestamp: of all values, in milliseconds.

    Raises:
        InvalidValue: the population's table of scores is damaged.
    """

    def __init__(
        self, store: Store, population: PopulationRun, timestamp: int, notice: Callable[[str], None] = print
    ) -> None:
        super().__init__(store, Description("", population.run.name, population.seeds, {}), None, notice)
        self.population, self.timestamp = population, timestamp
        self.earlier_scores = earlier_scores(store, population.run)
        self.parent, self.children = population.run.run_id, list(population.member_ids)
        self.client = store.client()
        self.delivery = Delivery(self.journal, store, self.client, notice)

    def _buffer(self, runs: Sequence[str], name: str, values: Sequence[float], timestamp: int, step: int) -> None:
        super()._buffer(runs, name, values, self.timestamp, step)

    def record_scores(self, scores: Mapping[str, np.ndarray]) -> None:
        """Scores of probes; those that were there before stay in the table."""
        table, earlier = score_table(self.seeds, scores), self.earlier_scores
        if earlier is None:
            self.send_scores(table)
        else:
            self.send_scores(joined_scores(earlier, table), digest(to_csv(earlier)))

    def record_table(self, name: str, table: pandas.DataFrame) -> None:
        """A table; the scores during training are added to those of the probes that were there before."""
        earlier = table_content(self.store, self.parent, name) if name == "snapshots" else None
        super().record_table(name, table if earlier is None else joined_tables(earlier, table))

    def record_note(self, markdown: str) -> None:
        """The rows and pictures of new probes; all else of the summary stays as it is."""
        earlier = self.population.run.tags.get(NOTE, "")
        addressed = with_artifact_addresses(markdown, self.parent)
        self.record_tags({NOTE: joined_notes(earlier, addressed) if earlier else addressed})

    def record_tags(self, tags: Mapping[str, str]) -> None:
        """Tags of the population's run."""
        self.delivery.send(entries.tags(self.parent, tags))

    def record_files(self, files: Mapping[str, bytes]) -> None:
        """Artifacts of the population's run, by path."""
        self.delivery.send_files(self.parent, files)

    def is_delivered(self) -> bool:
        """Send everything; whether the store has it all."""
        self.flush()
        complete = self.delivery.finish(PATIENCE)
        self.journal.remove()
        return complete


def earlier_scores(store: Store, population: StoredRun) -> list[ScoreRow] | None:
    """The table of scores to which those of new probes are added; None for a run of an earlier version.

    Raises:
        InvalidValue: it is damaged.
    """
    try:
        return recorded_table(store, population)
    except DamagedTable as problem:
        raise InvalidValue("run", population.run_id, f"no probe can be added to it: {problem}") from problem


def joined_tables(earlier: bytes, table: pandas.DataFrame) -> pandas.DataFrame:
    """The rows of an earlier table as they are written there, and a new one's; its probes replace theirs."""
    import pandas as pd

    before = pd.read_csv(io.BytesIO(earlier), dtype=str, keep_default_na=False)
    after = pd.read_csv(io.StringIO(table.to_csv(index=False)), dtype=str, keep_default_na=False)
    return pd.concat([before[~before["probe"].isin(set(after["probe"]))], after], ignore_index=True)


def joined_notes(earlier: str, new: str) -> str:
    """A summary with the rows and pictures about probes that only a new one has; those of a probe replace all of it."""
    rows = [line for line in new.splitlines() if line.startswith(ROW)]
    probes = {probe_of(line) for line in rows}
    pictures = {line.split("]")[0]: line for line in new.splitlines() if line.startswith(PICTURE)}
    lines = [line for line in earlier.splitlines() if not (line.startswith(ROW) and probe_of(line) in probes)]
    lines = [line for line in lines if line.split("]")[0] not in pictures]
    last = max((index for index, line in enumerate(lines) if line.startswith("|")), default=len(lines) - 1)
    lines[last + 1 : last + 1] = rows
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join([*lines, *(text for line in pictures.values() for text in ("", line)), ""])


def probe_of(row: str) -> str:
    """The probe whose score a summary's row has."""
    return MetricName.parse(row.split("`")[1]).probe
