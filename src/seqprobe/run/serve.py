"""What pipelines/ui.py runs: the MLflow UI of an embedded store, in which what dead processes left is put in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_store
from seqprobe.config.composing import plain_config
from seqprobe.run.cell import work_folder
from seqprobe.run.recovery import recover

HOST = "127.0.0.1"
"""Only this machine may look: MLflow has no passwords."""
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def serve(overrides: Sequence[str], port: int) -> None:
    """Serve until an interrupt.

    Raises:
        InvalidValue: the store is a server, which has a UI of its own, or the port is none.
    """
    plain = plain_config(*overrides)
    store = build_store(plain)
    if store.uri.startswith("http"):
        raise InvalidValue("tracking", store.uri, "has a UI of its own: open that address")
    if not 0 < port < 2**16:
        raise InvalidValue("--port", port, "must be in 1 … 65535")
    recover(store, work_folder(plain), lambda words: print(words, file=sys.stderr))
    print(f"http://{HOST}:{port}  (Ctrl-C ends it)", flush=True)
    command = [sys.executable, "-m", "mlflow", "ui", "--host", HOST, "--port", str(port), "--workers", "1"]
    process = subprocess.Popen([*command, "--backend-store-uri", store.uri], env=os.environ | QUIET)
    try:
        process.wait()
    except KeyboardInterrupt:
        process.wait()  # Ctrl-C has reached it, too
