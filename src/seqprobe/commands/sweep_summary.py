"""What a sweep ends with: the tables, what did not finish, and where to look further."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from seqprobe.commands.compare import FORMATS, report
from seqprobe.config.compose import plain_config
from seqprobe.config.plain import build_store
from seqprobe.reports.closing_table import closing_tables
from seqprobe.run.drawing_pool import drawers
from seqprobe.run.pool import Done, Job
from seqprobe.tracking.run_frames import members


def print_closing(sweep: str, arguments: Sequence[str], jobs: Sequence[Job], ended: Sequence[Done]) -> None:
    """Print the closing tables of the sweep with this id, from the store that ``arguments`` name, and its failures."""
    tracking = [argument for argument in arguments if argument.startswith("tracking")]
    plain = plain_config(*tracking)
    store = build_store(plain)
    console = Console(width=None if Console().is_terminal else 160)
    frame = members(store, sweep)
    finished = frame[frame["status"] == "FINISHED"]
    if len(finished):
        for table in closing_tables(finished):
            console.print(table)
    counts = counted(ended)
    if counts:
        console.print(counts, highlight=False)
    for job, done in zip(jobs, ended, strict=True):
        if done.error is not None:
            console.print(f"FAILED  {job.name}: {done.error}", style="red", markup=False, soft_wrap=True)
            console.print(f"        alone: {job.alone}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"Open the UI: {store.opening()}", soft_wrap=True, highlight=False)
    if len(frame):
        folder = str(Path(str(plain["tracking"]["dir"])) / "comparison")
        commands = [
            shlex.join(["python", "pipelines/sweep.py", *arguments]),
            shlex.join(["python", "pipelines/compare.py", f"sweep_id={sweep}", *tracking]),
        ]
        with drawers() as ready:
            report(store, frame, {"formats": list(FORMATS), "folder": folder, "ui": None}, commands, ready)


def counted(ended: Sequence[Done]) -> str:
    """How many populations were trained, skipped because they were finished before, and failed."""
    outcomes = [done.outcome for done in ended if done.outcome is not None]
    skipped = sum(outcome.skipped for outcome in outcomes)
    parts = {
        "trained": len(outcomes) - skipped,
        "finished before (rerun=true trains them again)": skipped,
        "failed": len(ended) - len(outcomes),
    }
    return ", ".join(f"{count} {word}" for word, count in parts.items() if count)
