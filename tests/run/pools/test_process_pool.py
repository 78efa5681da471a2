"""An interrupt ends local jobs, or lets the command go on in the background."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seqprobe.config.compose import Composition
from seqprobe.interrupts import END_SIGNALS
from seqprobe.run.pools import background_command, process_pool
from seqprobe.run.pools.process_pool import ProcessPool
from seqprobe.run.preloaded_modules import COMPILING


@pytest.mark.parametrize(("on_interrupt", "interrupted"), [("detach", True), ("detach", False), ("cancel", True)])
def test_detached_the_command_starts_again_in_the_background(
    on_interrupt: str, interrupted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], dict[str, Any], set[Any]]] = []

    class Started:
        pid = 77

        def __init__(self, command: list[str], **options: Any) -> None:
            started.append((command, options, {signal.getsignal(signum) for signum in END_SIGNALS}))

    monkeypatch.setattr(background_command.subprocess, "Popen", Started)
    monkeypatch.setattr(sys, "orig_argv", ["python", "pipelines/sweep.py", "task=sine"])
    pool = ProcessPool(1, on_interrupt)
    pool.start({"a": Composition({"tracking": {"dir": str(tmp_path / "runs")}, "task": {}, "engine": "looped"})})
    line = pool.end(interrupted)
    if on_interrupt == "cancel" or not interrupted:
        assert (line, started) == ("", [])
        return
    ((command, options, handlers),) = started
    assert command == [sys.executable, "pipelines/sweep.py", "task=sine", "hydra.launcher.on_interrupt=cancel"]
    assert options["start_new_session"] is True
    assert options["stdin"] == subprocess.DEVNULL
    assert handlers == {signal.SIG_DFL}  # it can be ended by a signal
    assert line.startswith("The command goes on in the background (kill 77 ends it); what it prints is in ")
    assert Path(line.rpartition(" ")[2]).parent == tmp_path / "runs/work"


def test_the_fork_server_imports_before_there_are_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    preloaded = list[list[str]]()
    pool = ProcessPool(1)
    monkeypatch.setattr(pool.context, "set_forkserver_preload", preloaded.append)
    monkeypatch.setattr(process_pool, "ensure_running", lambda: preloaded.append(["started"]))
    pool.prepare([Composition({"task": {"_target_": "seqprobe.tasks.turnstile.Turnstile"}, "engine": "compiled"})])
    assert preloaded == [["seqprobe.run.worker", COMPILING, "seqprobe.tasks.turnstile"], ["started"]]
