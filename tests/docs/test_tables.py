"""Tables in the docs are those that their data give."""

from __future__ import annotations

import csv
import importlib.util
import sys

import pytest
from documents import text
from scripts import ROOT

spec = importlib.util.spec_from_file_location("docs_tables", ROOT / "docs" / "tables.py")
assert spec is not None
assert spec.loader is not None
tables = importlib.util.module_from_spec(spec)
sys.modules["docs_tables"] = tables
spec.loader.exec_module(tables)

HEADER = "post,claim,quantity,true_if,median,low,high,seeds_true,seeds,verdict"
ROWS = list(
    csv.DictReader(
        [
            HEADER,
            "0,one layer fits the line,val/rmse,at most 0.01,0.00702,0.005,0.0081,5,5,holds",
            "1,it blows up,MSE | ratio,at least 2,inf,inf,inf,0,5,fails",
        ]
    )
)


def test_a_claim_is_a_row_below_its_post() -> None:
    made = tables.verdict_tables(ROWS)
    assert made.startswith("Of 2 claims, 1 hold, 1 fail.\n\n## Post 0: Lstm Toy Examples\n\n| claim |")
    assert "| one layer fits the line | val/rmse | 0.00702 [0.005, 0.0081] | at most 0.01 | 5 of 5 | holds |" in made
    assert r"| it blows up | MSE \| ratio | never | at least 2 | 0 of 5 | fails |" in made


def test_a_part_is_replaced_between_its_marks() -> None:
    assert tables.with_part("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb", "x", "new") == (
        "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb"
    )
    with pytest.raises(ValueError, match="no part y"):
        tables.with_part("text", "y", "new")


@pytest.mark.parametrize("file", list(tables.PARTS))
def test_generated_parts_are_up_to_date(file: str) -> None:
    assert text(file) == tables.generated(file), "run: python docs/tables.py"
