"""Tables in the docs are those that their data give."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from documents import text
from scripts import ROOT

from seqprobe.config.claim_files import load_claims

sys.path.append(str(ROOT / "docs"))
spec = importlib.util.spec_from_file_location("docs_tables", ROOT / "docs" / "tables.py")
assert spec is not None
assert spec.loader is not None
tables = importlib.util.module_from_spec(spec)
sys.modules["docs_tables"] = tables
spec.loader.exec_module(tables)

COLUMNS = (
    "claim;post;place;kind;says;part;quantity;verdict;detail;part_verdict;seeds_true;seeds;share;median;low;high;margin;"
    "allowed;why;engine"
)
LINES = (
    "post0/line/fits;0;X-Y;post;one layer fits;;val/rmse;holds;;holds;5;5;at least 55 %;0.00702;0.005;0.0081;"
    "0.003 inside;at most 0.01;Ten.;stacked",
    "post1/mlp/fast;1;code;control;it is fast;at .2;MSE | ratio;more than said;4x;more than said;0;5;at most 45 %;inf;"
    "inf;inf;far outside;at most 2;So.;stacked",
    "post1/mlp/fast;1;code;control;it is fast;at .1;ratio;more than said;4x;holds;5;5;at least 55 %;2;1;2;at the limit;"
    "at most 2;So.;stacked",
    "post1/count;1;text;post;it has 755;;parameters;fails;;fails;0;1;;754;754;754;1 outside;755;Count.;stacked",
)
ROWS = [dict(zip(COLUMNS.split(";"), line.split(";"), strict=True)) for line in LINES]
TWENTY = [{**row, "seeds": "20", "verdict": "true of some seeds", "detail": ""} for row in ROWS]


def test_a_part_of_a_claim_is_a_row_below_its_post() -> None:
    made = tables.verdict_tables({5: ROWS})
    assert made.startswith(
        "With 5 seeds, of 2 claims of the posts, 1 holds, 1 fails; of 1 controls and further claims of ours, 1 says "
        "less than is true.\n\nAll populations were trained by the engine `stacked`.\n\n## Post 0: Lstm Toy Examples\n"
    )
    for line in (
        "| one layer fits | the post: X-Y | val/rmse | 0.00702 [0.005, 0.0081] | at most 0.01 (0.003 inside) | Ten. "
        "| 5 of 5, at least 55 % | holds |",
        r"| it is fast | a control: code | *at .2* (more than said): MSE \| ratio | never | at most 2 (far outside) "
        "| So. | 0 of 5, at most 45 % | more than said: 4x |",
        "|  |  | *at .1* (holds): ratio | 2 [1, 2] | at most 2 (at the limit) | So. | 5 of 5, at least 55 % |  |",
        "| it has 755 | the post: text | parameters | 754 | 755 (1 outside) | Count. | no | fails |",
    ):
        assert f"{line}\n" in f"{made}\n"


def test_both_numbers_of_seeds_are_shown() -> None:
    made = tables.verdict_tables({5: ROWS, 20: TWENTY})
    assert made.startswith("With 20 seeds, of 2 claims of the posts, 2 are true of some seeds; of 1 controls")
    assert "| verdict, 20 seeds | verdict, 5 seeds |" in made
    assert "| true of some seeds | more than said: 4x |\n" in made


def test_a_part_is_replaced_between_its_marks() -> None:
    assert tables.with_part("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb", "x", "new") == (
        "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb"
    )
    with pytest.raises(ValueError, match="no part y"):
        tables.with_part("text", "y", "new")


@pytest.mark.parametrize("file", ["docs/verdicts.md", "README.md"])
def test_without_verdicts_a_part_says_what_writes_them(
    file: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tables, "VERDICTS", {5: tmp_path / "verdicts.csv"})
    part = "<!-- verdicts: begin -->\nNot measured in this checkout yet: `make reproduce` measures every claim"
    assert part in tables.generated(file)


@pytest.mark.parametrize("seeds", list(tables.verdicts()))
def test_verdicts_are_those_of_the_claims_there_are(seeds: int) -> None:
    """The claims' texts and limits in docs/verdicts*.csv are those of conf/claim."""
    columns = ("claim", "kind", "place", "says", "part", "quantity", "allowed", "why")
    written = [tuple(row[column] for column in columns) for row in tables.verdicts()[seeds]]
    assert written == [
        (claim.name, claim.kind, claim.place, claim.says, part.says, part.quantity, part.allowed, part.why)
        for claim in load_claims([ROOT / "conf"])
        for part in claim.parts
    ], "run: make reproduce"


@pytest.mark.parametrize("file", list(tables.PARTS))
def test_generated_parts_are_up_to_date(file: str) -> None:
    assert text(file) == tables.generated(file), "run: python docs/tables.py"


def test_forget_biases_are_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "forget_bias.csv"
    lines = ("model,task,forget_bias,score,median,solved,learned,seeds", "lstm,sine,0,rmse,0.0123,1,4,6")
    file.write_text("\n".join([*lines, "lstm,sine,3,rmse,0.002,6,6,6"]))
    monkeypatch.setattr(tables, "FORGET_BIASES", file)
    assert tables.forget_bias_table().splitlines() == [
        "| model | task | validation | forget bias 0 | forget bias 3 |",
        "| --- | --- | --- | --- | --- |",
        "| lstm | sine | rmse | 0.0123 (1 solved, 4 learned) | 0.002 (6 solved) |",
    ]
