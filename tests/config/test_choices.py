"""`seqprobe list` names everything there is to choose, with a line each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts import ROOT

from seqprobe.config.choices import GROUPS, choices


def test_every_choice_has_a_line() -> None:
    for group in GROUPS:
        names = {
            str(path.relative_to(ROOT / "conf" / group).with_suffix(""))
            for path in (ROOT / "conf" / group).rglob("*.yaml")
        }
        found = choices(group)
        assert set(found) == names
        assert all(len(line) > 10 and "@package" not in line for line in found.values())


def test_the_command_prints_them_from_anywhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "seqprobe", "list"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "  post0/sine" in done.stdout
    assert choices("task")["sine"] in done.stdout
    assert "  post0/sine/large_sines_are_cut " in done.stdout
    assert max(map(len, done.stdout.splitlines())) > 100  # not wrapped where the output is no terminal


def test_runs_go_to_the_checkout_wherever_the_command_is_called_from(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "pipelines/train.py"), "--cfg", "job", "--resolve"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"dir: {ROOT / 'mlruns'}\n" in done.stdout
    assert list(tmp_path.iterdir()) == []
