"""How many populations a sweep trained, skipped and lost, and the commands that run one alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from seqprobe.run.recording import command

from seqprobe.commands.sweep import sweep_id
from seqprobe.commands.sweep_summary import counted
from seqprobe.config import trust
from seqprobe.run.failure import JobFailed
from seqprobe.run.job import Outcome
from seqprobe.run.messages import reason, told_undelivered
from seqprobe.run.pool import Done

TRAINED, SKIPPED, FAILED = Done(Outcome(1.0, "")), Done(Outcome(1.0, "", skipped=True)), Done(error=JobFailed("no"))


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ([TRAINED, TRAINED], "2 trained"),
        ([SKIPPED, TRAINED, FAILED], "1 trained, 1 finished before (rerun=true trains them again), 1 failed"),
        ([FAILED], "1 failed"),
        ([], ""),
    ],
    ids=str,
)
def test_what_became_of_the_jobs(ended: list[Done], expected: str) -> None:
    assert counted(ended) == expected


def test_a_command_is_quoted_for_a_shell_and_knows_its_config_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    overrides = ["task=sine", "seeds=[0,3]", "names.sweep=x", "~task.probes.phase", "tracking.dir=/a b"]
    monkeypatch.setattr(trust, "folders", [])
    plain = "python pipelines/train.py task=sine 'seeds=[0,3]' '~task.probes.phase' 'tracking.dir=/a b'"
    assert command(overrides) == plain
    monkeypatch.setattr(trust, "folders", [Path("/mine")])
    assert command(["task=sine"]) == "python pipelines/train.py --config-dir /mine task=sine"


@pytest.mark.parametrize(
    ("problem", "full"),
    [
        (OSError(28, "No space left on device", "/x"), True),
        (RuntimeError("database or disk is full"), True),
        (RuntimeError("(sqlite3.OperationalError) disk I/O error"), True),
        (PermissionError(13, "Permission denied", "/x"), False),
        (ValueError("no"), False),
    ],
    ids=str,
)
def test_a_full_disk_is_told_with_what_to_do(problem: Exception, full: bool) -> None:
    words = reason(problem)
    assert words.startswith(f"{type(problem).__name__}: ")
    assert words.endswith("; make room, and the same command goes on") is full


def test_a_reason_is_one_line_of_some_length() -> None:
    words = reason(ValueError("a\nb " * 1000))
    assert "\n" not in words
    assert len(words) == 400


def test_what_was_not_delivered_is_told_with_the_command_that_delivers_it() -> None:
    told = told_undelivered(["/w/1", "/w/2"], {"uri": "http://there", "dir": "/w"})
    assert "is kept in /w/1, /w/2; " in told
    assert told.endswith("python pipelines/deliver.py tracking=server tracking.uri=http://there tracking.dir=/w")
    locked = told_undelivered(["/w/1"], {"dir": "/w"})
    assert locked.endswith("the database in /w was locked; any later command tells it what /w/1 has")


def test_no_sweeps_name_is_part_of_anothers() -> None:
    assert len(sweep_id()) == len("20261121-101010-0001234")
