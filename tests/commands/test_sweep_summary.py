"""How many populations a sweep trained, skipped and lost, and the commands that run one alone."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from seqprobe.commands.sweep_summary import outcome_counts
from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.command_lines import command_here
from seqprobe.run.messages import reason, undelivered_message
from seqprobe.run.outcome import Outcome
from seqprobe.run.pool import JobResult
from seqprobe.run.run_description import train_command
from seqprobe.run.sweep_name import sweep_id

TRAINED, SKIPPED, FAILED = (
    JobResult(Outcome(1.0, "")),
    JobResult(Outcome(1.0, "", skipped=True)),
    JobResult(error=JobFailed("no")),
)


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
def test_what_became_of_the_jobs(ended: list[JobResult], expected: str) -> None:
    assert outcome_counts(ended) == expected


def test_a_command_is_quoted_for_a_shell_and_knows_its_config_dir() -> None:
    overrides = ["task=sine", "seeds=[0,3]", "names.sweep=x", "~task.probes.phase", "tracking.dir=/a b"]
    plain = "python pipelines/train.py task=sine 'seeds=[0,3]' '~task.probes.phase' 'tracking.dir=/a b'"
    assert train_command(Composition({}, overrides)) == plain
    special = ["names.x=1", "a='b'", "b=*.csv", "c=x;y", 'd="z"', "e=x|y&"]
    assert shlex.split(train_command(Composition({}, special))) == ["python", "pipelines/train.py", *special[1:]]
    assert "a=b" in train_command(Composition({}, ["a=b"])).split()
    mine = Composition({}, ["task=sine", "hydra.launcher.jobs=1"], Path("/my conf"))
    assert train_command(mine) == "python pipelines/train.py --config-dir '/my conf' task=sine"


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
    assert words.endswith(". Free some space and run the same command to resume") is full


def test_a_reason_is_one_line_of_some_length() -> None:
    words = reason(ValueError("a\nb " * 1000))
    assert "\n" not in words
    assert len(words) == 400


def test_what_was_not_delivered_is_told_with_the_command_that_delivers_it() -> None:
    told = undelivered_message(["/w/1", "/w/2"], {"uri": "http://there", "dir": "/w"})
    assert "the records are kept in /w/1, /w/2; " in told
    assert told.endswith(command_here("deliver", "tracking=server", "tracking.uri=http://there", "tracking.dir=/w"))
    locked = undelivered_message(["/w/1"], {"dir": "/w"})
    assert locked.endswith("the records are kept in /w/1, and the next command delivers them")


def test_no_sweeps_name_is_part_of_anothers() -> None:
    assert len(sweep_id()) == len("20261121-101010-0001234")
