"""Start this process's own command again in the background: finished runs are skipped there, others resume."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from seqprobe.interrupts import END_SIGNALS, ignore_signals
from seqprobe.run.sweep_name import sweep_id


def restart_in_background(folder: Path, overrides: Sequence[str]) -> str:
    """Start the command again in a session of its own, which neither Ctrl-C nor a closed terminal reaches.

    Args:
        folder: where its output goes.
        overrides: added to the command.

    Returns:
        A line about it for the user.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"background-{sweep_id()}.log"
    for signum in END_SIGNALS:  # a process that is ending ignores them, and so would those that it starts
        signal.signal(signum, signal.SIG_DFL)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *sys.orig_argv[1:], *overrides],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    ignore_signals()
    return f"The command goes on in the background (kill {process.pid} ends it); what it prints is in {log}"
