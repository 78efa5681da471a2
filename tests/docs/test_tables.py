"""Tables in the docs are those that their data give."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path

import pytest
from documents import text
from scripts import ROOT

spec = importlib.util.spec_from_file_location("docs_tables", ROOT / "docs" / "tables.py")
assert spec is not None
assert spec.loader is not None
tables = importlib.util.module_from_spec(spec)
sys.modules["docs_tables"] = tables
spec.loader.exec_module(tables)

TEXT = """claim,post,kind,says,quantity,verdict,seeds_true,seeds,median,low,high,allowed
post0/line/fits,0,post,one layer fits the line,val/rmse,holds,5,5,0.00702,0.005,0.0081,at most 0.01
post1/mlp/fails,1,control,it blows up,MSE | ratio,fails,0,5,inf,inf,inf,at least 2
"""
ROWS = list(csv.DictReader(TEXT.splitlines()))


def test_a_claim_is_a_row_below_its_post() -> None:
    made = tables.verdict_tables(ROWS)
    assert made.startswith("Of 2 claims, 1 hold, 1 fail.\n\n## Post 0: Lstm Toy Examples\n\n| claim |")
    fits = "| one layer fits the line | the post | val/rmse | 0.00702 [0.005, 0.0081] | at most 0.01 | 5 of 5 | holds |"
    assert fits in made
    assert r"| it blows up | a control | MSE \| ratio | never | at least 2 | 0 of 5 | fails |" in made


def test_a_part_is_replaced_between_its_marks() -> None:
    assert tables.with_part("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb", "x", "new") == (
        "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb"
    )
    with pytest.raises(ValueError, match="no part y"):
        tables.with_part("text", "y", "new")


@pytest.mark.parametrize("file", list(tables.PARTS))
def test_without_verdicts_a_part_says_what_writes_them(
    file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tables, "VERDICTS", tmp_path / "verdicts.csv")
    part = "<!-- verdicts: begin -->\nNot measured in this checkout yet: `make reproduce` measures every claim"
    assert part in tables.generated(file)


@pytest.mark.parametrize("file", list(tables.PARTS))
def test_generated_parts_are_up_to_date(file: str) -> None:
    assert text(file) == tables.generated(file), "run: python docs/tables.py"
