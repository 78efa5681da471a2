"""Frames become sequences by the columns that a network's table had."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqprobe.checks import InvalidValue
from seqprobe.models.ragged_inputs import FrameColumns, Sequences, output_frame

ROOMS = FrameColumns("room", ("outside", "heating"))
TABLE = pd.DataFrame(
    {"room": ["b", "a", "b"], "heating": [5.0, 7.0, 6.0], "outside": [1.0, 3.0, 2.0], "inside": [0.0, 0.0, 0.0]}
)


@pytest.mark.parametrize("frame", [TABLE, TABLE.rename(columns={"room": "sequence"})], ids=["as named", "sequence"])
def test_a_tables_columns_are_known_by_name_whatever_else_there_is(frame: pd.DataFrame) -> None:
    read = Sequences.read(frame, 2, ROOMS)
    assert read.lengths.tolist() == [2, 1]
    assert read.values.tolist() == [[[1, 5], [2, 6]], [[3, 7], [0, 0]]]


def test_other_frames_have_features_in_their_order() -> None:
    plain = TABLE[["heating", "outside"]].rename(columns={"heating": "x", "outside": "y"})
    assert Sequences.read(plain, 2, ROOMS).values.tolist() == [[[5, 1], [7, 3], [6, 2]]]
    assert Sequences.read(plain.assign(sequence=[0, 1, 0]), 2).values.tolist() == [[[5, 1], [6, 2]], [[7, 3], [0, 0]]]
    with pytest.raises(InvalidValue, match="inputs"):
        Sequences.read(TABLE, 2)  # of a network without a table, "room" is an input


def test_outputs_of_a_frame_keep_its_rows_and_the_name_of_its_sequences() -> None:
    steps = output_frame(TABLE, [np.array([[1.0], [2.0]]), np.array([[3.0]])], ["inside"], ROOMS)
    assert steps["inside"].tolist() == [1, 3, 2]
    one_each = output_frame(TABLE, np.array([[1.0], [2.0]]), ["inside"], ROOMS)
    assert (one_each.index.name, one_each.index.tolist()) == ("room", ["b", "a"])
