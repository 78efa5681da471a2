"""A process that runs the MLflow server for `make ui` and ends it when that command ends, even by `kill -9`.

The command holds a pipe to the standard input of this process; the system closes it when the command ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

GRACE_SECONDS = 10.0
"""How long the server has to end by itself."""


def main(command: list[str]) -> int:
    """Run a server until it ends or the standard input is closed; returns the server's exit code."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they reach the command, too, which then ends
        signal.signal(signum, signal.SIG_IGN)
    # In a session of its own, it and the processes that it starts can be ended together.
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=end_with_input, args=(server,), daemon=True).start()
    code = server.wait()
    end_group(server, signal.SIGKILL)
    return code


def end_with_input(server: subprocess.Popen[bytes]) -> None:
    """Wait until the standard input is closed, then end the server."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    end_group(server, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    end_group(server, signal.SIGKILL)


def end_group(server: subprocess.Popen[bytes], signum: int) -> None:
    """Send a signal to the server and to all processes that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signum)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
