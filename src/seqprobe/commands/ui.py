"""What pipelines/ui.py does: serve the MLflow UI of an embedded store, after closing the runs of dead processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

import psutil

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_store
from seqprobe.config.compose import compose_config
from seqprobe.failure import JobFailed
from seqprobe.run.recovery import recover
from seqprobe.run.workspace import work_folder
from seqprobe.tracking.stores.experiment_pages import experiment_pages
from seqprobe.tracking.stores.shared_view import runs_address
from seqprobe.tracking.stores.store import Store

HOST = "127.0.0.1"
"""Only this machine has access: MLflow has no passwords."""
APP = "seqprobe"
"""The plugin with which MLflow serves `seqprobe.tracking.ui_app`; pyproject.toml registers it."""
BLOCKED_PORTS = {
    1719,
    1720,
    1723,
    2049,
    3659,
    4045,
    4190,
    5060,
    5061,
    6000,
    6566,
    *range(6665, 6670),
    6679,
    6697,
    10080,
}
"""Of other protocols, from 1024 on: browsers open no page there (https://fetch.spec.whatwg.org/#bad-port)."""
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONWARNINGS": "ignore"}


def serve(overrides: Sequence[str], config_dir: Path | None = None, port: int = 5000) -> None:
    """Serve until an interrupt.

    Raises:
        InvalidValue: the store is a server, which serves a UI itself, there is none, or the port is not valid or not
            free.
        JobFailed: MLflow's server did not start.
    """
    composition = compose_config(overrides, config_dir, "store")
    store = build_store(composition.config, config_dir)
    if store.uri.startswith("http"):
        raise InvalidValue("tracking", store.uri, "serves the UI itself: open that address")
    store.check_readable()  # MLflow would make a new store in a mistyped folder
    check_port(port)
    recover(store, work_folder(composition.config), lambda text: print(text, file=sys.stderr))
    server = [sys.executable, "-m", "seqprobe.commands.ui_server"]
    command = [*server, sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"]
    app = ["--app-name", APP] if entry_points(group="mlflow.app", name=APP) else []
    quiet = ["--uvicorn-opts", "--log-level warning"]
    print("starting the MLflow server …", file=sys.stderr)
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.default_int_handler)
    process = subprocess.Popen(
        [*command, *app, *quiet, "--backend-store-uri", store.uri],
        stdin=subprocess.PIPE,
        stdout=sys.stderr,
        env=os.environ | QUIET,
    )
    try:
        with contextlib.suppress(KeyboardInterrupt):
            wait_for(port, process)
            base = f"http://{HOST}:{port}"
            print(f"{base}  (Ctrl-C ends it)", *runs_lines(store, base), sep="\n", flush=True)
            process.wait()
    finally:
        assert process.stdin is not None
        process.stdin.close()  # ends the server
        process.wait()


def runs_lines(store: Store, base: str) -> list[str]:
    """The name of each experiment and the address of its runs."""
    pages = experiment_pages(store.client())
    width = max((len(page.name) for page in pages), default=0)
    return [f"{page.name:{width}}  {runs_address(base, page.experiment_id, page.has_view)}" for page in pages]


def check_port(port: int) -> None:
    """Refuse what is no port, one where browsers open no page, and one that another process listens on.

    Raises:
        InvalidValue: it is one of these, or this user may not listen on it.
    """
    if not 0 < port < 2**16:
        raise InvalidValue("--port", port, "must be in 1 … 65535")
    if port in BLOCKED_PORTS:
        raise InvalidValue(
            "--port", port, "belongs to another protocol, and browsers open no page there: choose another"
        )
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as problem:
            raise InvalidValue("--port", port, f"is not available ({problem.strerror}): choose another") from None


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers.

    Raises:
        JobFailed: it has ended instead.
    """
    while process.poll() is None:
        if listens(port, process.pid):
            return
        time.sleep(0.1)
    raise JobFailed(f"the MLflow server ended with exit code {process.returncode}")


def listens(port: int, pid: int) -> bool:
    """Whether a process or one below it listens; a trial connection could meet itself before the server is there."""
    with contextlib.suppress(psutil.Error):
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        connections = [connection for process in family for connection in process.net_connections(kind="tcp")]
        return any(entry.status == psutil.CONN_LISTEN and entry.laddr.port == port for entry in connections)
    return False
