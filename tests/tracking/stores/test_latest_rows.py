"""The rows of both tables, computed from values of every kind."""

from __future__ import annotations

import math
import random
import sys

import pytest

from seqprobe.tracking.journal.entries import metrics, values_in
from seqprobe.tracking.journal.entry_lines import from_line, to_line
from seqprobe.tracking.stores.metric_rows import Row, Value, latest_rows, table_rows

NAN, INF, LARGEST = math.nan, math.inf, sys.float_info.max
NUMBERS = [0.0, -0.0, 1.0, -1.0, 5e-324, 0.1 + 0.2, LARGEST, -LARGEST, INF, -INF, NAN]


def written_as(row: Row) -> str:
    """A row as text, in which -0.0 differs from 0.0 and True from 1."""
    return repr(row)


@pytest.mark.parametrize(
    ("value", "number", "is_nan"),
    [
        (0.1 + 0.2, 0.1 + 0.2, False),
        (-0.0, -0.0, False),
        (INF, LARGEST, False),
        (-INF, -LARGEST, False),
        (NAN, 0.0, True),
    ],
)
def test_a_row_of_each_kind_of_number(value: float, number: float, is_nan: bool) -> None:
    sent = values_in(from_line(to_line(metrics({"r": [Value("a", value, 10, 3)]}))))  # by way of the journal
    assert [*map(written_as, table_rows(sent))] == [written_as(("a", number, 10, "r", 3, is_nan))]


def test_the_latest_rows_are_the_last_of_a_stable_sorting() -> None:
    draw = random.Random(5)
    for _ in range(300):
        values = {
            run: [
                Value(draw.choice("ab"), draw.choice(NUMBERS), draw.randrange(3), draw.randrange(-1, 3))
                for _ in range(draw.randrange(12))
            ]
            for run in ("r", "s")
        }
        rows = table_rows(values)
        expected = {(row[3], row[0]): row for row in sorted(rows, key=lambda row: (row[4], row[2], row[1]))}
        assert sorted(map(written_as, latest_rows(rows))) == sorted(map(written_as, expected.values()))
