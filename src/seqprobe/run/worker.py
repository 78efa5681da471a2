"""What a job's process does; imported once by the fork server, so that every job starts with everything loaded."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import seqprobe.tracking.preload  # noqa: F401  the fork server imports it once for all jobs
from seqprobe.config.build import stated_store
from seqprobe.config.compose import Composition
from seqprobe.interrupts import refused_exits
from seqprobe.run.job import run_job
from seqprobe.run.messages import reason
from seqprobe.run.request import build_request
from seqprobe.tracking.stores.availability import when_available


def run_in_process(composition: Composition, messages: Connection) -> None:
    """Run a job in a process of its own; sends what `run_composition` reports, and at the end its result."""
    gc.freeze()  # what the fork server loaded never is garbage; looking for some would copy all its pages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends the jobs

    def send(*message: object) -> None:
        try:
            messages.send(message)
        except OSError:  # the parent is gone
            signal.raise_signal(signal.SIGTERM)

    send(*run_composition(composition, send))


def run_composition(composition: Composition, send: Callable[..., None]) -> tuple[str, Any]:
    """Build a request from its composition and run it; a server that is away for a while is waited for.

    Args:
        send: called with ``"progress", done, total, words`` and ``"notice", text``.

    Returns:
        ``("done", outcome)`` or ``("failed", reason)``.
    """
    progress, notice = partial(send, "progress"), partial(send, "notice")
    try:
        with refused_exits():
            store = stated_store(composition.config, composition.config_dir)
            request = when_available(store, partial(build_request, composition), notice)
            return "done", run_job(request, progress, notice)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # some libraries' errors are no Exception: panics of those in Rust, say
        return "failed", reason(problem)
