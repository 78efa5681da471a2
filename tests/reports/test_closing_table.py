"""The closing table never mixes runs of different settings, and shows what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqprobe.reports.closing_table import cell, closing_tables, column_names
from seqprobe.tracking.run_frames import COLUMNS


def rows(model: str, overrides: str, values: list[float], preset: str = "") -> pd.DataFrame:
    shared = {
        "run_id": "r",
        "parent_id": "p",
        "experiment_id": "1",
        "task": "sine",
        "model": model,
        "preset": preset,
        "overrides": overrides,
        "training": "t",
        "started": 0,
        "status": "FINISHED",
        "outcome": "finite",
        "metric": "val/rmse",
    }
    return pd.DataFrame([{**shared, "seed": seed, "value": value} for seed, value in enumerate(values)])[COLUMNS]


def test_settings_that_differ_have_columns_of_their_own() -> None:
    small = rows("rnn", "trainer.max_steps=5 model.hidden_size=2", [0.3, 0.4])
    large = rows("rnn", "trainer.max_steps=5 model.hidden_size=32", [0.1, 0.2])
    (table,) = closing_tables(pd.concat([small, large]))
    headings = [str(column.header) for column in table.columns]
    assert headings == ["task", "score", "rnn · model.hidden_size=2", "rnn · model.hidden_size=32", "constant"]
    assert [list(column.cells) for column in table.columns[1:4]] == [
        ["seeds", "val/rmse"],
        ["2", "0.35 [0.3, 0.4]"],
        ["2", "0.15 [0.1, 0.2]"],
    ]


def test_a_preset_is_part_of_the_name_and_what_all_share_is_not() -> None:
    frame = pd.concat([rows("lstm", "x=1", [1.0], "post0/sine"), rows("gru", "x=1", [1.0])])
    assert column_names(frame) == ["lstm · post0/sine", "gru"]


def test_missing_members_are_counted() -> None:
    assert cell(pd.Series([0.1, 0.2, np.nan])) == "0.15 [0.1, 0.2] (2 of 3)"
    assert cell(pd.Series([np.nan, np.nan])) == "diverged (0 of 2)"
    assert cell(pd.Series([np.nan, np.nan]), diverged=2) == "diverged (0 of 2)"
    assert cell(pd.Series([np.nan, np.nan]), diverged=0) == "no answer (0 of 2)"
    assert cell(pd.Series([], dtype=float)) == "–"


def test_tasks_with_other_models_have_a_table_of_their_own_with_their_reference_levels() -> None:
    first = rows("rnn", "", [0.3, 0.4])
    level = first.assign(metric="reference/constant predictor", value=0.5)
    other = rows("mlp", "", [0.1, 0.2]).assign(task="inverse")
    best = other.assign(metric="reference/Bayes floor", value=0.05)
    one, two = closing_tables(pd.concat([first, level, other, best]))
    assert [str(column.header) for column in one.columns] == ["task", "score", "rnn", "constant"]
    assert list(one.columns[-1].cells) == ["", "0.5"]
    assert [str(column.header) for column in two.columns] == ["task", "score", "mlp", "constant", "best possible"]
    assert [list(column.cells) for column in two.columns[-2:]] == [["", ""], ["", "0.05"]]
    assert (one.title is not None, two.title) == (True, None)


def test_many_models_share_tables_evenly() -> None:
    frame = pd.concat([rows(f"m{index}", "", [0.1 * index]) for index in range(6)])
    tables = closing_tables(frame)
    assert [[str(column.header) for column in table.columns][2:-1] for table in tables] == [
        ["m0", "m1", "m2"],
        ["m3", "m4", "m5"],
    ]
