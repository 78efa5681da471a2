"""The closing table never mixes runs of different settings, and shows what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqprobe.reports.table import cell, closing_tables, column_names
from seqprobe.tracking.read import COLUMNS


def rows(model: str, overrides: str, values: list[float], preset: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("r", "p", "sine", model, preset, overrides, seed, "FINISHED", "finite", "val/rmse", value)
            for seed, value in enumerate(values)
        ],
        columns=COLUMNS,
    )


def test_settings_that_differ_have_columns_of_their_own() -> None:
    small = rows("rnn", "trainer.max_steps=5 model.hidden_size=2", [0.3, 0.4])
    large = rows("rnn", "trainer.max_steps=5 model.hidden_size=32", [0.1, 0.2])
    (table,) = closing_tables(pd.concat([small, large]))
    headings = [str(column.header) for column in table.columns]
    assert headings == ["task", "score", "rnn · model.hidden_size=2", "rnn · model.hidden_size=32", "constant"]
    assert [list(column.cells) for column in table.columns[1:4]] == [
        ["seeds", "val/rmse"], ["2", "0.35 [0.3, 0.4]"], ["2", "0.15 [0.1, 0.2]"],
    ]  # fmt: skip


def test_a_preset_is_part_of_the_name_and_what_all_share_is_not() -> None:
    frame = pd.concat([rows("lstm", "x=1", [1.0], "post0/sine"), rows("gru", "x=1", [1.0])])
    assert column_names(frame) == ["lstm · post0/sine", "gru"]


def test_missing_members_are_counted() -> None:
    assert cell(pd.Series([0.1, 0.2, np.nan])) == "0.15 [0.1, 0.2] (2 of 3)"
    assert cell(pd.Series([np.nan, np.nan])) == "diverged (0 of 2)"
    assert cell(pd.Series([], dtype=float)) == "–"
