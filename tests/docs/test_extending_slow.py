"""The claims of docs/extending.md are trained and judged as they stand there."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from documents import write_examples
from scripts import ROOT

pytestmark = pytest.mark.slow


def test_the_claims_are_judged(tmp_path: Path) -> None:
    folder, verdicts = write_examples("docs/extending.md", tmp_path), tmp_path / "verdicts.csv"
    store = [f"tracking.dir={tmp_path / 'mlruns'}", f"verdicts={verdicts}"]
    script = [sys.executable, "pipelines/reproduce.py", "--config-dir", str(folder)]
    finished = subprocess.run(
        [*script, "claims=[leaky/*]", "seeds=2", *store], cwd=ROOT, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    with verdicts.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["claim"] for row in rows] == ["leaky/more_accurate", "leaky/faster_at_first"]
    assert all(row["verdict"] in ("holds", "partly", "fails") and float(row["median"]) > 0 for row in rows)
