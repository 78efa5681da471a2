"""The claims of docs/extending.md are trained and judged as they stand there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from documents import write_examples
from scripts import run_script

pytestmark = pytest.mark.slow


def test_the_claims_are_judged(tmp_path: Path) -> None:
    folder, verdicts = write_examples("docs/extending.md", tmp_path), tmp_path / "verdicts.csv"
    store = [f"tracking.dir={tmp_path / 'mlruns'}", f"verdicts={verdicts}"]
    assert run_script("reproduce", ["--config-dir", str(folder), "claims=[leaky/*]", "seeds=2", *store]) == 0
    with verdicts.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["claim"] for row in rows] == ["leaky/more_accurate", "leaky/faster_at_first"]
    assert all(row["verdict"] in ("holds", "partly", "fails") and float(row["median"]) > 0 for row in rows)
