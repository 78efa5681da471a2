"""What a task is, for someone who has never seen it: a sentence, and a picture or an example of its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from seqprobe.reports.charts import Chart
from seqprobe.reports.charts.panel_rows import Labels
from seqprobe.reports.charts.sample_panel import sample_chart
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.comparison_figures import shown_variants, task_charts
from seqprobe.reports.run_tables import kept_tables, read_table
from seqprobe.tracking.artifacts import table_content
from seqprobe.tracking.experiment_notes import experiment_note
from seqprobe.tracking.stores.store import Store

MOST_SEQUENCES, MOST_LINES, MOST_LETTERS = 12, 3, 64
"""Sequences in a picture; lines of an example in words, and letters of a line."""


@dataclass(frozen=True)
class TaskPictures:
    """What a page shows of a task beside numbers.

    Attributes:
        about: what the task is, in a sentence.
        example: of what a network is fed, and should answer, in words.
        data: the same as a picture.
        charts: of its scores and its probes.
    """

    about: str = ""
    example: str = ""
    data: Chart | None = None
    charts: Sequence[Chart] = ()

    @property
    def all_charts(self) -> list[Chart]:
        """Its data first."""
        return [*([self.data] if self.data else []), *self.charts]


def task_pictures(compared: Sequence[Comparison], store: Store) -> dict[str, TaskPictures]:
    """What there is to see of every task."""
    return {comparison.task: pictures_of(comparison, store) for comparison in compared}


def pictures_of(comparison: Comparison, store: Store) -> TaskPictures:
    """What there is to see of a task."""
    tables = kept_tables(store)
    charts, data = task_charts(comparison, tables), data_chart(comparison, store)
    about = experiment_note(store, comparison.variants[0].experiment_id) if comparison.variants else ""
    example = "" if data else example_text(comparison, store)
    return TaskPictures(about, example, data, charts)


def data_chart(comparison: Comparison, store: Store) -> Chart | None:
    """Training sequences of curves or of a table, or the function that an inverse task is about; None for others."""
    title = f"{comparison.task}: what it is trained on"
    for run in (run for variant in shown_variants(comparison) for run in variant.populations):
        for name, columns, draw in SAMPLED:
            content = table_content(store, run, name)
            table = None if content is None else read_table(content)
            if table is not None and columns <= set(table.columns):
                return draw(table, title)
    return None


def curve_samples(table: pd.DataFrame, title: str) -> Chart:
    """The first training curves; columns sequence, x, y."""
    sequences = list(table.groupby("sequence"))[:MOST_SEQUENCES]
    lines = [(rows["x"].to_numpy(dtype=float), rows["y"].to_numpy(dtype=float)) for _, rows in sequences]
    caption = "The training sequence." if len(lines) == 1 else f"{len(lines)} of the training sequences."
    return sample_chart(lines, Labels("data", title, caption, "x", "y"))


def inverse_samples(table: pd.DataFrame, title: str) -> Chart:
    """The function whose values a network sees; columns z, f."""
    rows = table.drop_duplicates("z").sort_values("z")
    lines = [(rows["z"].to_numpy(dtype=float), rows["f"].to_numpy(dtype=float))]
    caption = "The function f: a network sees some of its values, with noise, and predicts z."
    return sample_chart(lines, Labels("data", title, caption, "z", "f(z)"))


def table_samples(table: pd.DataFrame, title: str) -> Chart:
    """The first training sequences of a table's last column, its target; columns sequence, step, column, value."""
    name = str(table["column"].iloc[-1])
    sequences = list(table[table["column"] == name].groupby("sequence", sort=False))[:MOST_SEQUENCES]
    lines = [(rows["step"].to_numpy(dtype=float), rows["value"].to_numpy(dtype=float)) for _, rows in sequences]
    return sample_chart(lines, Labels("data", title, f"{len(lines)} of the training sequences.", "step", name))


SAMPLED = (
    ("examples", {"sequence", "x", "y"}, curve_samples),
    ("sequences", {"sequence", "step", "column", "value"}, table_samples),
    ("probe_grid", {"z", "f"}, inverse_samples),
)
"""Tables with a task's data, their columns, and what draws them."""


def example_text(comparison: Comparison, store: Store) -> str:
    """The first training sequences with their targets, in words; empty where none are recorded."""
    for variant in shown_variants(comparison):
        for run in variant.populations:
            content = store.artifact(run, "training_example.txt")
            if content is not None:
                return first_sequences(content.decode(errors="replace"))
    return ""


def first_sequences(text: str) -> str:
    """The first inputs and targets in the text of a minibatch (`seqprobe.learning.minibatch_text`)."""
    lines: list[str] = []
    for part in text.split("\n\n"):
        heading, *sequences = part.splitlines() or [""]
        if heading.startswith(("inputs", "targets")):
            lines += [heading, *(shortened_line(line) for line in sequences[:MOST_LINES])]
    return "\n".join(lines)


def shortened_line(line: str) -> str:
    """A line of an example, not too long."""
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 2].rstrip()} …"
