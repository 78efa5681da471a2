"""Post 2's walk through the gates as a reproduction draws it: a figure per step, from the table of probe ``phases``."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.reports.claims.recorded_run import RecordedRun, Runs
from seqprobe.tasks.grammar import POST_SENTENCE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SENTENCE = "experiment=post2/sentence"
TABLES = ("tables/probe_phases.csv", "tables/probe_gates.csv")
"""Where the features' units are; the second if ``gates`` was added to a run of an earlier version as its name."""
MOST_WORDS = 4
READING = (
    "a feature's unit: in each seed, the one whose cell state encodes it best; states are turned so that positive "
    "means that it holds · large: median of {} seeds, small: least and greatest"
)


@dataclass(frozen=True)
class Step:
    """A step of the post's walk.

    Attributes:
        phase: what the post calls it.
        word: the index of the word that is read.
        columns: headings, and of each the gate or state and by how many words it is earlier.
        shows_next: whether what is expected after the word is shown; otherwise what was expected in its place.
    """

    phase: str
    word: int
    columns: Mapping[str, tuple[str, int]]
    shows_next: bool = False


INPUT = {
    "cell before": ("cell", 1),
    "input gate": ("input_gate", 0),
    "candidate": ("candidate", 0),
    "cell after": ("cell", 0),
}
FORGET = {"cell before": ("cell", 1), "forget gate": ("forget_gate", 0), "cell after": ("cell", 0)}
OUTPUT = {"cell after": ("cell", 0), "output gate": ("output_gate", 0), "hidden state": ("hidden", 0)}
STEPS = {
    "input_at_france": Step("The input phase", 1, INPUT),
    "input_at_frank": Step("The input phase", 8, INPUT),
    "forget_at_but": Step("The forget phase", 7, FORGET),
    "output_at_ate": Step("The output phase", 4, OUTPUT, shows_next=True),
}
"""In the post's order."""


def feature_rows(run: RecordedRun) -> pd.DataFrame | None:
    """The rows of the features' units, and of expected words; None where the run has none."""
    for path in TABLES:
        content = run.artifact(path)
        if content is not None:
            table = pd.read_csv(io.BytesIO(content))
            if "feature" in table.columns:
                return table[table["feature"].notna()]
    return None


def draw_step(step: Step) -> Callable[[Runs], Figure | None]:
    """A drawing of a step; it draws None where the features' units were not recorded."""

    def drawing(runs: Runs) -> Figure | None:
        rows = feature_rows(runs[SENTENCE]) if SENTENCE in runs else None
        return None if rows is None else drawn_step(step, rows)

    return drawing


def drawn_step(step: Step, rows: pd.DataFrame) -> Figure:
    """A step's figure from the rows of `feature_rows`."""
    features = list(rows.loc[rows["name"] == "cell", "feature"].unique())
    columns = {
        heading: matrix(rows, name, step.word - back, features) for heading, (name, back) in step.columns.items()
    }
    asked = step.word if step.shows_next else step.word - 1
    after = POST_SENTENCE.split()[asked]
    words, values = likeliest(rows, asked)
    title = step.phase
    reading = READING.format(rows["seed"].nunique())
    heading = f"expected after “{after}”"
    return figures.gate_step(
        POST_SENTENCE.split(), step.word, features, columns, {heading: (words, values)}, title, reading
    )


def matrix(rows: pd.DataFrame, name: str, step: int, features: Sequence[str]) -> np.ndarray:
    """A gate's or state's values at a word, ``(seeds, features)``; 0 where there is none."""
    shown = rows[(rows["name"] == name) & (rows["step"] == step)]
    table = shown.pivot(index="seed", columns="feature", values="value")
    return np.asarray(table.reindex(columns=list(features)).fillna(0.0), dtype=float)


def likeliest(rows: pd.DataFrame, step: int) -> tuple[list[str], np.ndarray]:
    """The words that members expect most after the word at ``step``, and their probabilities ``(seeds, words)``."""
    shown = rows[(rows["name"] == "expected") & (rows["step"] == step)]
    table = shown.pivot(index="seed", columns="feature", values="value").fillna(0.0)
    words = list(table.median().sort_values(ascending=False, kind="stable").index[:MOST_WORDS])
    return words, np.asarray(table[words], dtype=float)


GATE_DRAWINGS = {name: draw_step(step) for name, step in STEPS.items()}
"""Drawings of the steps, by name."""
