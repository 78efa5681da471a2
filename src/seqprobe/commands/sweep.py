"""What pipelines/sweep.py runs: several multiruns as one, all composed before the first job starts, then the tables."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from seqprobe.commands.train import train
from seqprobe.run.entry import reported, run
from seqprobe.run.failure import JobFailed
from seqprobe.run.pool import Done, Job, collected, run_jobs

PARTS = ("sweep=posts", "sweep=inverse")
"""What runs unless told otherwise: all tasks with the default models, then what suits some alone."""


def sweep_id() -> str:
    """A name for a sweep, different from all others; of one length, so that none is part of another."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid():07d}"


def sweep(arguments: Sequence[str]) -> int:
    """Run the sweep that the arguments describe; the exit code is 0 when every job finished."""
    keys = {argument.split("=")[0] for argument in arguments}
    name = sweep_id()
    parts = [[]] if keys & {"sweep", "experiment"} else [[part] for part in PARTS]
    if keys & {"task", "model"}:
        parts = parts[:1]
    given = [argument for argument in arguments if argument not in ("-m", "--multirun")]
    code = 0
    with collected() as jobs:
        for part in parts:
            code = max(code, run(train, ["--multirun", *part, f"names.sweep={name}", *given]))
            if code not in (0, 1):
                return code
    return max(code, reported(lambda: run_and_close(name, arguments, jobs), list(arguments)))


def run_and_close(name: str, arguments: Sequence[str], jobs: Sequence[Job]) -> None:
    """Run what was collected, and print what it came to; jobs of another launcher have run by now.

    Raises:
        JobFailed: some of them failed, or could not be delivered.
    """
    from seqprobe.commands.sweep_summary import print_closing
    from seqprobe.run.messages import told_undelivered

    ended: list[Done] = run_jobs(jobs, jobs[0].at_a_time) if jobs else []
    kept = [done.outcome.undelivered for done in ended if done.outcome is not None and done.outcome.undelivered]
    try:
        print_closing(name, arguments, jobs, ended)
    except Exception:
        if not kept:  # else the store is still away, which is told next
            raise
    if kept:
        raise JobFailed(told_undelivered(kept, jobs[0].config["tracking"]))
    failed = sum(done.error is not None for done in ended)
    if failed:
        raise JobFailed(f"{failed} of {len(ended)} jobs failed; the same command runs them again")
