"""What a job's process does; imported once by the fork server, so that every job starts with everything loaded."""

from __future__ import annotations

import gc
import signal
import sys
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import seqprobe.tracking.preload  # noqa: F401  the fork server imports it once for all jobs
from seqprobe.config import trust
from seqprobe.config.plain import Plain
from seqprobe.run.job import run_population
from seqprobe.run.messages import reason

PARENT_GONE = 1


def work(config: Plain, path: list[str], trusted: list[Path], messages: Connection) -> None:
    """Run one population; send ``("progress", …)`` and ``("notice", words)``, then ``("done", outcome)`` or
    ``("failed", reason)``.
    """
    gc.freeze()  # what the fork server loaded never is garbage; looking for some would copy all its pages
    sys.path[:], trust.folders[:] = path, trusted
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends the jobs

    def send(*message: object) -> None:
        try:
            messages.send(message)
        except OSError:  # nobody listens any more: the parent is gone
            sys.exit(PARENT_GONE)

    try:
        outcome = run_population(config, partial(send, "progress"), partial(send, "notice"))
    except Exception as problem:
        send("failed", reason(problem))
    else:
        send("done", outcome)
