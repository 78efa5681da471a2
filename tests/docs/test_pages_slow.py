"""Trainings print the lines that the pages show, up to numbers, ids and the engine that was faster."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import NAMES, consoles
from scripts import run_script

from seqprobe.models.engines import ENGINES
from seqprobe.run.exit_codes import RESUME

pytestmark = pytest.mark.slow
PAGES = [name for name in NAMES if any("pipelines/train.py" in shown.arguments for shown in consoles(name))]
VARYING = (
    (r"\b[0-9a-f]{32}\b", "ID"),
    (rf"\b({'|'.join(ENGINES)})\b", "ENGINE"),
    (r"\d+ s$", "SECONDS"),
    (r"(val/\w+) [\d.e-]+", r"\1 NUMBER"),
    (r"\d+ of \d+ solved[^)]*", "OUTCOMES"),  # tests train for fewer updates
    (r" · max_steps=\d+", ""),
    (r"\d+ updates each", "UPDATES"),
    (r"(\w+) [\d.e-]+(?=,|$)", r"\1 NUMBER"),
    (r"sqlite:\S+", "STORE"),
    (r" tracking\.dir=\S+", ""),
    (r"\S*python\S* (?=pipelines/)", "python "),
    (r"make ui|python pipelines/ui\.py", "UI"),
)


def comparable(line: str) -> str:
    """A printed line without what differs from training to training."""
    for pattern, text in VARYING:
        line = re.sub(pattern, text, line)
    return line


@pytest.mark.parametrize("name", PAGES)
def test_trainings_print_what_is_shown(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for shown in consoles(name):
        if shown.output == [RESUME] or shown.output[0].startswith("error: "):
            continue  # the one is interrupted, the other is tested in test_pages.py
        steps = [word for word in shown.arguments[2:] if not word.startswith("trainer.max_steps=")]
        assert run_script("train", [*steps, "trainer.max_steps=20", f"tracking.dir={tmp_path}"]) == 0
        captured = capfd.readouterr()
        opening = [line for line in captured.err.splitlines() if "recorded in" in line]
        printed = [*opening, *captured.out.splitlines()]
        wanted = [comparable(line) for line in shown.output]
        lines = [comparable(line) for line in printed]
        assert [line for line in lines if len(wanted) > 1 or line in wanted] == wanted  # a page may show one line alone


def test_an_interruption_prints_what_is_shown() -> None:
    assert RESUME in [line for shown in consoles("docs/recovery.md") for line in shown.output]
