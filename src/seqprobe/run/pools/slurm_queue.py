"""What Slurm knows of jobs, by its commands: they need no accounting database, which sacct does."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence

from seqprobe.checks import printable
from seqprobe.failure import JobFailed

ENDED = {
    *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL"),
    *("OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT"),
}
"""States of jobs that have ended; one that is requeued is pending soon afterwards (slurm.schedmd.com/squeue.html)."""
UNKNOWN = "unknown to Slurm"
"""The state of a job that ended so long ago that Slurm has forgotten it."""


def job_states(jobs: Iterable[str]) -> dict[str, str]:
    """The state of each job, ``12`` or an array's ``12_3``; `UNKNOWN` where Slurm has forgotten it.

    Raises:
        JobFailed: Slurm does not answer.
    """
    names = list(jobs)
    if not names:
        return {}
    ids = ",".join(sorted({name.partition("_")[0] for name in names}))
    listing = ["squeue", "--noheader", "--array", "--states=all", f"--jobs={ids}", "--format=%i|%T"]
    try:
        lines = call_slurm(listing).splitlines()
    except JobFailed as problem:
        if "Invalid job id" not in str(problem):
            raise
        lines = []
    known = dict(line.strip().split("|", 1) for line in lines if "|" in line)
    return {name: known.get(name, UNKNOWN) for name in names}


def has_ended(state: str) -> bool:
    """Whether a job in a state runs no more and will not start again."""
    return state == UNKNOWN or state in ENDED


def cancel_jobs(jobs: Sequence[str]) -> None:
    """Let Slurm end jobs; those that have ended are left alone.

    Raises:
        JobFailed: Slurm does not answer.
    """
    if jobs:
        call_slurm(["scancel", "--quiet", *jobs])


def call_slurm(command: Sequence[str]) -> str:
    """The output of one of Slurm's commands.

    Raises:
        JobFailed: it is not installed, or fails; with its message.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except FileNotFoundError as problem:
        raise JobFailed(f"hydra/launcher=slurm: there is no {command[0]} here; call it on a login node") from problem
    except subprocess.TimeoutExpired as problem:
        raise JobFailed(f"{command[0]}: Slurm does not answer") from problem
    if done.returncode:
        raise JobFailed(f"{command[0]}: {printable(' '.join(done.stderr.split()))}")
    return done.stdout
