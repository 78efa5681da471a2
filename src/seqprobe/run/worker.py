"""What a job's process does; imported once by the fork server, so that every job starts with everything loaded."""

from __future__ import annotations

import gc
import signal
import sys
from multiprocessing.connection import Connection

import seqprobe.tracking.preload  # noqa: F401  the fork server imports it once for all jobs
from seqprobe.config.build import Plain
from seqprobe.run.population import run_population

PARENT_GONE = 1


def work(config: Plain, path: list[str], messages: Connection) -> None:
    """Run one population; send ``("progress", …)``, then ``("done", objective, summary)`` or ``("failed", reason)``."""
    gc.freeze()  # what the fork server loaded never is garbage; looking for some would copy all its pages
    sys.path[:] = path
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends the jobs

    def progress(done: int, total: int, words: str) -> None:
        try:
            messages.send(("progress", done, total, words))
        except OSError:  # nobody listens any more: the parent is gone
            sys.exit(PARENT_GONE)

    try:
        outcome = run_population(config, progress)
    except Exception as problem:
        messages.send(("failed", f"{type(problem).__name__}: {' '.join(str(problem).split())}"[:400]))
    else:
        messages.send(("done", outcome.objective, outcome.summary))
