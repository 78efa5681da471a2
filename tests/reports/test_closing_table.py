"""The closing table never mixes runs of different settings, and shows what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from reports.members import population, with_scores
from rich.table import Table

from seqprobe.reports.closing_table import closing_tables
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.selection import current_members
from seqprobe.scoring import Score
from seqprobe.tracking.recorded_scores import RecordedScores


def tables_of(*populations: pd.DataFrame) -> list[Table]:
    return closing_tables(comparisons(current_members(pd.concat(populations))))


def rows(model: str, values: Sequence[float], metric: str = "val/rmse", **different: object) -> pd.DataFrame:
    return population(model, {metric: values}, range(len(values)), **{"parent_id": f"{model}{different}", **different})


def headings(table: Table) -> list[str]:
    return [str(column.header) for column in table.columns]


def columns(table: Table) -> list[list[str]]:
    return [[str(text) for text in column.cells] for column in table.columns]


def test_settings_that_differ_have_columns_of_their_own() -> None:
    small = rows("rnn", [0.3, 0.4], overrides="trainer.max_steps=5 model.hidden_size=2")
    large = rows("rnn", [0.1, 0.2], overrides="trainer.max_steps=5 model.hidden_size=32")
    (table,) = tables_of(small, large)
    assert headings(table) == ["task", "score", "rnn · model.hidden_size=2", "rnn · model.hidden_size=32", "constant"]
    assert columns(table)[1:4] == [["seeds", "val/rmse"], ["2", "0.35 [0.3, 0.4]"], ["2", "0.15 [0.1, 0.2]"]]


def test_solved_seeds_have_a_row_and_what_did_not_learn_is_marked() -> None:
    metrics = {"val/rmse": [0.01, 0.02], "probe/phase/rmse": [0.1, 0.1]}
    (table,) = tables_of(
        population("lstm", metrics, [0, 1], outcome="solved"),
        population("mlp", {"val/rmse": [0.9, 0.8]}, [0, 1], outcome="learned"),
        population("rnn", metrics, [0, 1], outcome="did not learn"),
    )
    assert columns(table)[1:5] == [
        ["seeds", "solved", "val/rmse", "phase"],
        ["2", "2 of 2", "0.015 [0.01, 0.02]", "0.1"],
        ["2", "0 of 2 (2 learned)", "0.85 [0.8, 0.9]", "–"],  # it was not probed
        ["2", "did not learn", "0.015 [0.01, 0.02]", "0.1 †"],
    ]


def test_a_preset_is_part_of_the_name_and_what_all_share_is_not() -> None:
    (table,) = tables_of(rows("lstm", [1.0], overrides="x=1", preset="post0/sine"), rows("gru", [1.0], overrides="x=1"))
    assert headings(table)[2:4] == ["gru", "lstm · post0/sine"]


def test_missing_members_are_counted() -> None:
    (table,) = tables_of(
        rows("a", [0.1, 0.2, np.nan]),
        rows("b", [np.nan, np.nan], outcome="diverged"),
        rows("c", [np.nan, np.nan]),
        rows("d", [np.nan], metric="", status="FAILED"),
    )
    assert [texts[-1] for texts in columns(table)[2:6]] == [
        "0.15 [0.1, 0.2] (2 of 3)",
        "diverged (0 of 2)",
        "no answer (0 of 2)",
        "–",
    ]
    assert columns(table)[5][0] == "0 of 1, 1 FAILED"


def test_tasks_with_other_models_have_a_table_of_their_own_with_their_reference_levels() -> None:
    first = population("rnn", {"val/rmse": [0.3, 0.4], "reference/constant": [0.5, 0.5]}, [0, 1])
    other = population("mlp", {"val/rmse": [0.1, 0.2], "reference/floor": [0.05] * 2}, [0, 1], task="inverse")
    one, two = tables_of(first, other)
    assert headings(one) == ["task", "score", "rnn", "constant"]
    assert columns(one)[-1] == ["", "0.5"]
    assert headings(two) == ["task", "score", "mlp", "constant", "best possible"]
    assert columns(two)[-2:] == [["", ""], ["", "0.05"]]
    assert (one.title is not None, two.title) == (True, None)


def test_many_models_share_tables_evenly() -> None:
    tables = tables_of(*(rows(f"m{index}", [0.1 * index]) for index in range(6)))
    assert [headings(table)[2:-1] for table in tables] == [["m0", "m1", "m2"], ["m3", "m4", "m5"]]


@pytest.mark.parametrize(("better", "best"), [("lower", "rnn"), ("higher", "lstm"), (None, None)])
def test_the_best_is_what_the_score_states(better: object, best: str | None) -> None:
    stated = RecordedScores(probes={"p": [Score("share_right", better, unit="m")]})  # type: ignore[arg-type]  # any of its directions
    parts = [
        with_scores(rows(model, values, "probe/p/share_right"), stated)
        for model, values in {"rnn": [0.1, 0.11, 0.12, 0.1], "lstm": [0.8, 0.81, 0.83, 0.8]}.items()
    ]
    (table,) = tables_of(*parts)
    assert columns(table)[1] == ["seeds", "p/share_right (m)"]
    marked = [heading for heading, texts in zip(headings(table), columns(table), strict=True) if "★" in texts[-1]]
    assert marked == ([best] if best else [])
